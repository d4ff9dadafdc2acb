"""Doors for recipients: links, the way out, the survey. Scanners change nothing."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.config import Config
from app.messages.tokens import short_token, survey_token, unsubscribe_token
from app.models import ConsentEntry, Customer, LoggedFact, Message, Touch
from app.tenancy import store_transaction
from tests.web.conftest import PAGE, PUBLIC
from tests.web.rows import Filled, fill

BROWSER = {**PAGE, "User-Agent": "Mozilla/5.0 (iPhone) Safari/605.1"}
_SCANNERS = [
    {"User-Agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"},
    {"User-Agent": "facebookexternalhit/1.1"},
    {"User-Agent": "WhatsApp/2.23.20 A"},
    {"User-Agent": "Barracuda Sentinel (EE)"},
    {"Sec-Purpose": "prefetch;prerender"},
    {"Purpose": "prefetch"},
    {"X-Moz": "prefetch"},
]


@pytest.fixture
def link(filled: Filled, config: Config) -> str:
    return f"/l/{short_token(config.keys, filled.number, filled.link)}"


@pytest.fixture
def way_out(filled: Filled, config: Config) -> str:
    return f"/u/{unsubscribe_token(config, filled.number, filled.message)}"


@pytest.fixture
def survey(filled: Filled, config: Config) -> str:
    return f"/s/{survey_token(config, filled.number, filled.message, None)}"


def touches(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.query(Touch).filter_by(store_id=store_id).count()


def choices(store_id: UUID) -> dict[str, str]:
    with store_transaction(store_id) as session:
        rows = session.query(ConsentEntry).filter_by(store_id=store_id)
        return {row.channel: row.state for row in rows}


def acts(store_id: UUID) -> list[tuple[str, object]]:
    with store_transaction(store_id) as session:
        rows = session.query(LoggedFact).filter_by(store_id=store_id, kind="customer_acted")
        return [
            (row.fact["name"], row.fact["values"].get("value", row.fact["values"].get("comment")))
            for row in rows
        ]


def test_a_click_leads_to_the_stored_target_and_is_noted(
    client: FlaskClient, link: str, filled: Filled
) -> None:
    reply = client.get(link, base_url=PUBLIC, headers=BROWSER)

    assert reply.status_code == 302
    assert reply.location.startswith("https://shop.example/p?utm_source=comeback")
    assert reply.headers["Cache-Control"] == "no-store"
    assert reply.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in reply.headers
    assert touches(filled.store_id) == 1
    with store_transaction(filled.store_id) as session:
        assert session.get_one(Message, (filled.store_id, filled.message)).clicked_at is not None


@pytest.mark.parametrize("headers", _SCANNERS, ids=lambda h: next(iter(h.values())))
def test_a_machine_that_looks_ahead_is_sent_on_and_not_counted(
    client: FlaskClient, link: str, filled: Filled, headers: dict[str, str]
) -> None:
    reply = client.get(link, base_url=PUBLIC, headers={**BROWSER, **headers})

    assert reply.status_code == 302
    assert touches(filled.store_id) == 0


def test_a_head_request_is_not_counted(client: FlaskClient, link: str, filled: Filled) -> None:
    assert client.head(link, base_url=PUBLIC, headers=BROWSER).status_code == 302
    assert touches(filled.store_id) == 0


def test_a_forged_cut_or_foreign_link_is_a_page_that_is_not_there(
    client: FlaskClient, link: str, filled: Filled, config: Config
) -> None:
    forged = link[:-2] + ("AA" if not link.endswith("AA") else "BB")
    nobody = f"/l/{short_token(config.keys, 999_999, filled.link)}"
    no_such = f"/l/{short_token(config.keys, filled.number, 999_999)}"

    for path in (forged, link[:8], "/l/x", nobody, no_such):
        reply = client.get(path, base_url=PUBLIC, headers=BROWSER)
        assert reply.status_code == 404
        assert "There is nothing at this address." in reply.text
    assert touches(filled.store_id) == 0


def test_guessing_links_soon_ends(client: FlaskClient) -> None:
    statuses = {
        client.get(f"/l/guess{n}", base_url=PUBLIC, headers=BROWSER).status_code for n in range(40)
    }

    assert statuses == {404, 429}


def test_looking_at_the_way_out_changes_nothing(
    client: FlaskClient, way_out: str, filled: Filled
) -> None:
    page = client.get(way_out, base_url=PUBLIC, headers=BROWSER)

    assert page.status_code == 200
    assert "Annulla la mia iscrizione" in page.text  # The message was in Italian.
    assert choices(filled.store_id) == {}


def test_one_button_ends_the_mails(client: FlaskClient, way_out: str, filled: Filled) -> None:
    page = client.post(way_out, base_url=PUBLIC, headers=BROWSER, data={"scope": "channel"})

    assert "Iscrizione annullata" in page.text
    assert choices(filled.store_id) == {"email": "unsubscribed"}


def test_a_mail_programs_own_button_works_without_the_page(
    client: FlaskClient, way_out: str, filled: Filled
) -> None:
    reply = client.post(way_out, base_url=PUBLIC, data={"List-Unsubscribe": "One-Click"})

    assert reply.status_code == 200
    assert choices(filled.store_id) == {"email": "unsubscribed"}


def test_everything_means_every_channel(client: FlaskClient, way_out: str, filled: Filled) -> None:
    client.post(way_out, base_url=PUBLIC, headers=BROWSER, data={"scope": "everything"})

    assert choices(filled.store_id) == dict.fromkeys(("email", "sms", "whatsapp"), "unsubscribed")


def test_many_people_may_opt_out_from_one_address(client: FlaskClient, way_out: str) -> None:
    statuses = {client.post(way_out, base_url=PUBLIC).status_code for _ in range(60)}

    assert statuses == {200}


def test_a_way_out_reaches_nobody_of_another_store(
    client: FlaskClient, filled: Filled, other_store: UUID, config: Config
) -> None:
    theirs = fill(other_store, email="bea@ajena.example")
    crossed = f"/u/{unsubscribe_token(config, filled.number, theirs.message)}"

    client.post(crossed, base_url=PUBLIC, data={"scope": "everything"})

    assert choices(filled.store_id) == {}
    assert choices(other_store) == {}


def test_a_token_of_one_door_opens_no_other(
    client: FlaskClient, way_out: str, survey: str, filled: Filled
) -> None:
    as_survey, as_way_out = way_out.replace("/u/", "/s/"), survey.replace("/s/", "/u/")

    for path in (as_survey, as_way_out):
        assert client.post(path, base_url=PUBLIC, data={"score": "1"}).status_code == 404
    assert choices(filled.store_id) == {}


def test_a_button_in_a_mail_prepares_the_answer_and_gives_none(
    client: FlaskClient, filled: Filled, config: Config
) -> None:
    path = f"/s/{survey_token(config, filled.number, filled.message, 9)}"
    page = client.get(path, base_url=PUBLIC, headers=BROWSER)

    assert 'value="9" required checked' in page.text
    assert acts(filled.store_id) == []


@pytest.mark.requirement(15, 53)
def test_an_answer_is_kept_with_its_comment(
    client: FlaskClient, survey: str, filled: Filled
) -> None:
    page = client.post(
        survey, base_url=PUBLIC, headers=BROWSER, data={"score": "3", "comment": " Too slow. "}
    )

    assert "Grazie" in page.text
    assert dict(acts(filled.store_id)) == {"score_given": 3, "comment_left": "Too slow."}
    with store_transaction(filled.store_id) as session:
        assert session.get_one(Customer, (filled.store_id, filled.person)).score == 3


@pytest.mark.parametrize("score", ["", "11", "-1", "many", "٣"])
def test_an_answer_that_is_none_is_asked_again(
    client: FlaskClient, survey: str, filled: Filled, score: str
) -> None:
    given = {"score": score, "comment": "Too <slow>"}
    page = client.post(survey, base_url=PUBLIC, headers=BROWSER, data=given)

    assert page.status_code == 422
    assert "Too &lt;slow&gt;</textarea>" in page.text  # What was typed is not lost.
    assert "Scegli un numero da 0 a 10." in page.text
    assert acts(filled.store_id) == []
