"""What the pages say and do: reasons in the reader's language, numbers before they are acted on."""

from datetime import timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from app.config import Config
from app.crypto import Vault
from app.models import Customer, Decision, Flow, Journey, Notice, Store, Task
from app.stores import backfill
from app.stores.credentials import Secret, save
from app.stores.losing import lose
from app.stores.notices import tell
from app.stores.settings import read_settings
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.web.conftest import PAGE, PUBLIC, post
from tests.web.forms import settings_form
from tests.web.reading import read
from tests.web.rows import SUBJECT, Filled, preset


@pytest.mark.parametrize(
    ("language", "word"),
    [("en", "Held back"), ("it", "Trattenuto"), ("pt-BR", "Retido"), ("es", "Retenido")],
)
def test_activity_says_who_what_and_why_in_the_readers_language(
    browser: FlaskClient, filled: Filled, language: str, word: str
) -> None:
    page = read(browser, "/activity", language)

    assert "Ana Rossi" in page
    assert word in page
    assert SUBJECT in page
    assert f'href="/people/{filled.person}"' in page


def test_the_language_falls_back_to_the_shops(browser: FlaskClient) -> None:
    assert "Attività" in read(browser, "/activity", "de-DE")


def test_activity_is_narrowed_by_flow_and_outcome(browser: FlaskClient) -> None:
    for query in ("outcome=done", "flow=no-such-flow"):
        assert "Nothing yet." in read(browser, f"/activity/rows?{query}")
    assert "Ana Rossi" in read(browser, "/activity/rows?outcome=refused&flow=abandoned-cart")


def test_older_decisions_are_a_page_further(
    browser: FlaskClient, filled: Filled, clock: Clock
) -> None:
    with store_transaction(filled.store_id) as session:
        first = session.query(Decision).filter_by(store_id=filled.store_id).one()
        for minute in range(60):
            session.add(
                Decision(
                    store_id=filled.store_id,
                    customer_id=first.customer_id,
                    flow_id=first.flow_id,
                    version=1,
                    outcome="waiting",
                    reason="waited",
                    compared={},
                    decided_at=clock() + timedelta(minutes=minute + 1),
                )
            )

    newest = read(browser, "/activity")
    older = newest.partition("before=")[2].partition('"')[0]

    assert newest.count("data-row=") == 50
    assert read(browser, f"/activity?before={older}").count("data-row=") == 11


def test_a_person_shows_everything_that_was_decided_and_why(
    browser: FlaskClient, filled: Filled
) -> None:
    page = read(browser, f"/people/{filled.person}")

    for told in ("Ana Rossi", "ana@example.com", "Held back", "Abandoned cart", "Inside"):
        assert told in page


def test_people_are_found_by_name_and_address(browser: FlaskClient) -> None:
    for wanted in ("ros", "ANA@example.com", "ana ex"):
        found = "Ana Rossi" in read(browser, f"/people?q={wanted}")
        assert found == (wanted != "ana ex")
    assert "Nobody found." in read(browser, "/people?q=%25")


def test_a_persons_data_is_handed_over_as_a_file(browser: FlaskClient, filled: Filled) -> None:
    reply = browser.get(f"/people/{filled.person}/export", base_url=PUBLIC, headers=PAGE)

    assert "attachment" in reply.headers["Content-Disposition"]
    assert "ana@example.com" in reply.text


def test_a_person_is_erased_only_after_a_second_yes(browser: FlaskClient, filled: Filled) -> None:
    asked = post(browser, f"/people/{filled.person}/erase", {})
    assert "confirm=erase" in asked.headers["Location"]
    assert "for good?" in read(browser, asked.headers["Location"])

    post(browser, f"/people/{filled.person}/erase", {"confirm": "erase"})

    with store_transaction(filled.store_id) as session:
        customer = session.get_one(Customer, (filled.store_id, filled.person))
        assert customer.erased_at is not None and customer.email is None
    assert "ana@example.com" not in read(browser, f"/people/{filled.person}")


def test_a_message_is_shown_as_it_was_sent_in_a_frame_that_runs_nothing(
    browser: FlaskClient, filled: Filled
) -> None:
    reply = browser.get(f"/messages/{filled.message}", base_url=PUBLIC, headers=PAGE)

    assert "rosemary oil" in reply.text
    assert '<iframe class="mail" sandbox title=' in reply.text
    assert "script-src 'self';" in reply.headers["Content-Security-Policy"]


def test_a_ready_made_flow_arrives_as_a_draft(browser: FlaskClient, filled: Filled) -> None:
    post(browser, "/flows/presets/welcome", {})

    with store_transaction(filled.store_id) as session:
        flow = session.query(Flow).filter_by(store_id=filled.store_id, slug="welcome").one()
        assert flow.status == "draft"
    assert "Draft" in read(browser, "/flows/welcome")


def test_a_flow_goes_live_and_pauses(browser: FlaskClient, filled: Filled) -> None:
    assert "Nobody enters at once." in read(browser, "/flows/abandoned-cart/activate")

    post(browser, "/flows/abandoned-cart/activate", {"days": "0", "count": "0"})
    assert "Pause" in read(browser, "/flows/abandoned-cart")

    post(browser, "/flows/abandoned-cart/pause", {})
    assert "Paused" in read(browser, "/flows/abandoned-cart")


def test_nobody_is_reached_beyond_the_number_that_was_shown(
    browser: FlaskClient, filled: Filled, clock: Clock
) -> None:
    source = preset("reactivation-60")
    post(browser, "/flows/new", {"source": source})
    with store_transaction(filled.store_id) as session:
        customer = session.get_one(Customer, (filled.store_id, filled.person))
        customer.last_order_at = clock() - timedelta(days=70)
        customer.orders_count, customer.last_active_at = 1, clock() - timedelta(days=70)
    path = "/flows/reactivation-60/activate"
    assert "People who enter at once: 1" in read(browser, path)

    unseen = post(browser, path, {"days": "30", "count": "0"})
    assert "changed=1" in unseen.headers["Location"]
    post(browser, path, {"days": "30", "count": "1"})

    with store_transaction(filled.store_id) as session:
        assert session.query(Journey).filter_by(store_id=filled.store_id).count() == 2


def test_a_new_version_of_a_file_is_kept_and_can_be_downloaded(browser: FlaskClient) -> None:
    edited = preset("abandoned-cart").replace("priority: 80", "priority: 81")
    post(browser, "/flows/new", {"source": edited.replace("\n", "\r\n")})

    reply = browser.get("/flows/abandoned-cart/file", base_url=PUBLIC, headers=PAGE)
    assert reply.text == edited
    assert "version 2" in read(browser, "/flows/abandoned-cart")


@pytest.mark.requirement(68)
def test_a_task_is_closed_once(browser: FlaskClient, filled: Filled) -> None:
    assert "Say hello." in read(browser, "/tasks")

    post(browser, f"/tasks/{filled.task}/close", {})

    assert "Nothing to do." in read(browser, "/tasks")
    assert "Nothing to do." not in read(browser, "/tasks?show=closed")
    assert "Call Ana" in read(browser, "/tasks?show=closed")
    with store_transaction(filled.store_id) as session:
        assert session.get_one(Task, (filled.store_id, filled.task)).closed_at is not None


def test_home_shows_how_far_the_history_is_read_and_what_needs_a_look(
    browser: FlaskClient, filled: Filled
) -> None:
    with store_transaction(filled.store_id) as session:
        backfill.start(session)
    page = read(browser, "/")

    for told in ("Customers", "Waiting", "Somebody is waiting", "the body is not JSON"):
        assert told in page

    post(browser, f"/notices/{filled.notice}/seen", {})
    with store_transaction(filled.store_id) as session:
        assert session.get_one(Notice, (filled.store_id, filled.notice)).seen_at is not None


def chosen(store_id: UUID) -> object:
    with store_transaction(store_id) as session:
        return read_settings(session.get_one(Store, store_id).settings)


def test_settings_are_kept_and_shown_again(browser: FlaskClient, filled: Filled) -> None:
    form = settings_form(
        browser,
        sender_name="Erbe Buone",
        cart_idle_minutes="90",
        refusal_offered_at_checkout="yes",
        whatsapp_templates="cart = HX1\nwelcome = HX2",
        sms_consent_names="cart, win_back",
        **{
            "offers.month_minor": "250,50",
            "quiet_hours.opens": "09:30",
            "caps.email_per_week": "3",
        },
    )

    assert post(browser, "/settings", form).status_code == 302
    kept = chosen(filled.store_id)
    assert kept.cart_idle_minutes == 90  # type: ignore[attr-defined]
    assert kept.offers.month_minor == 25_050  # type: ignore[attr-defined]
    assert kept.whatsapp_templates == {"cart": "HX1", "welcome": "HX2"}  # type: ignore[attr-defined]
    assert kept.sms_consent_names == ("cart", "win_back")  # type: ignore[attr-defined]
    assert 'value="cart, win_back"' in read(browser, "/settings")
    assert kept.refusal_offered_at_checkout is True  # type: ignore[attr-defined]
    assert 'value="250.50"' in read(browser, "/settings")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("cart_idle_minutes", "3"),
        ("cart_idle_minutes", "many"),
        ("quiet_hours.opens", "25:00"),
        ("offers.month_minor", "-1"),
        ("offers.assumed_order_minor", ""),
        ("support_url", "javascript:alert(1)"),
        ("whatsapp_templates", "cart"),
        ("notify_email", "ana at the shop"),
        ("standing.recency_days", "7, 30, 60"),
        ("standing.orders", "2, 6, 4, 10"),
        ("standing.silent_days", "14, 30, 45, 60, soon"),
    ],
)
def test_a_setting_that_cannot_be_names_its_field_and_keeps_nothing(
    browser: FlaskClient, filled: Filled, field: str, value: str
) -> None:
    before = chosen(filled.store_id)
    form = settings_form(browser, sender_name="Changed", **{field: value})

    page = post(browser, "/settings", form)

    assert page.status_code == 422
    assert f'id="{field.replace(".", "-")}-problem"' in page.text
    assert "Changed" in page.text  # What was typed is not lost.
    assert chosen(filled.store_id) == before


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("caps.email_per_day", "-1", "It must be 0 or more."),
        ("credit.email_days", "5000", "It must be 90 or less."),
        ("forget_people_after_months", "3", "It must be 12 or more."),
        ("sms_price_minor", "IT = much", "a price from 0 to 10000"),
        ("quiet_hours.closes", "07:00", "It must be later than the hour at which"),
        ("cart_idle_minutes", "many", "Give a number such as 3."),
        ("sms_segments_per_second", "0", "It must be more than 0.0."),
        ("lead.industry_tag", "x" * 300, "Write at most 255 letters."),
        ("standing.orders", "0 2 3 4", "Write 4 whole numbers that rise, such as 2, 4, 6, 10."),
        ("standing.recency_days", "7, 30, 60, 9999", "It must be 3650 or less."),
    ],
)
def test_a_number_no_shop_can_mean_is_refused_beside_its_field(
    browser: FlaskClient, field: str, value: str, said: str
) -> None:
    page = post(browser, "/settings", settings_form(browser, **{field: value}))

    assert page.status_code == 422
    assert f'id="{field.replace(".", "-")}-problem"' in page.text
    assert said in page.text


def test_notices_go_to_the_shops_own_address_until_the_merchant_says_otherwise(
    browser: FlaskClient, filled: Filled
) -> None:
    with store_transaction(filled.store_id) as session:
        session.get_one(Store, filled.store_id).contact_email = "ciao@shop.example.com"
    assert 'value="ciao@shop.example.com"' in read(browser, "/settings")
    kept = []
    for address in (None, "ana@studio.example.com", ""):
        changes = {} if address is None else {"notify_email": address}
        assert post(browser, "/settings", settings_form(browser, **changes)).status_code == 302
        kept.append(chosen(filled.store_id).notify_email)  # type: ignore[attr-defined]

    assert kept == [None, "ana@studio.example.com", ""]


@pytest.mark.parametrize(("typed", "shown"), [("24", "24"), ("0", ""), ("", "")])
def test_the_months_of_silence_are_set_on_the_page_and_empty_is_never(
    browser: FlaskClient, typed: str, shown: str
) -> None:
    assert 'name="forget_people_after_months" value="36"' in read(browser, "/settings")

    form = settings_form(browser, forget_people_after_months=typed)
    assert post(browser, "/settings", form).status_code == 302

    assert f'name="forget_people_after_months" value="{shown}"' in read(browser, "/settings")


def test_a_confirmed_opt_in_is_asked_for_until_the_box_is_cleared(
    browser: FlaskClient, filled: Filled
) -> None:
    form = settings_form(browser)
    assert form.pop("confirmed_opt_in_where_expected") == "yes"

    assert post(browser, "/settings", form).status_code == 302

    assert chosen(filled.store_id).confirmed_opt_in_where_expected is False  # type: ignore[attr-defined]


def test_the_price_of_a_text_is_set_on_the_page(browser: FlaskClient, filled: Filled) -> None:
    form = settings_form(browser, sms_price_minor="IT = 7,5\nUS = 0.83")

    assert post(browser, "/settings", form).status_code == 302

    assert chosen(filled.store_id).sms_price_minor == {"IT": "7.5", "US": "0.83"}  # type: ignore[attr-defined]
    assert "US = 0.83" in read(browser, "/settings")


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "asked for the data"), ("it", "ha chiesto i dati"), ("es", "ha pedido los datos")],
)
def test_who_asked_for_their_data_can_be_given_it_from_the_first_page(
    browser: FlaskClient, filled: Filled, language: str, words: str
) -> None:
    with store_transaction(filled.store_id) as session:
        whose = {"customer_id": str(filled.person)}
        tell(session, "data_request:1", kind="data_request", details=whose)

    page = read(browser, "/", language)

    assert words in page
    assert f'href="/people/{filled.person}/export"' in page
    assert "ana@example.com" in read(browser, f"/people/{filled.person}/export")


def test_a_lost_shop_is_shown_on_the_first_page(
    browser: FlaskClient, filled: Filled, config: Config
) -> None:
    keys = Secret(kind="shop", values={"access_token": "shpat_gone"})
    with store_transaction(filled.store_id) as session:
        save(session, Vault(config.keys), filled.store_id, keys)

    lose(filled.store_id, "shop", "The token was taken back.")

    page = read(browser, "/", "es")
    assert "La tienda nos rechaza" in page
    assert "The token was taken back." in page


def test_activating_warns_of_mail_nobody_would_get(browser: FlaskClient, filled: Filled) -> None:
    page = read(browser, f"/flows/{filled.slug}/activate")

    assert "none of these e-mails would be sent" in page
