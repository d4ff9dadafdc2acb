"""Sending: one event, one mail, whatever happens to the answer."""

import socket

import pytest

from app import clock
from app.channels import Accepted, Advice, NotFound, Refused, Unknown
from app.channels.klaviyo import Klaviyo
from app.events import Person
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.klaviyo_wire import Problem
from app.sandbox.server import Fault
from tests.contract.klaviyo.conftest import CREDENTIALS, MakeMessage

pytestmark = pytest.mark.usefixtures("account")


def event_posts(world: KlaviyoWorld) -> int:
    return sum(seen[1:] == ("POST", "/api/events") for seen in world.requests)


@pytest.mark.requirement(109, 112)
def test_an_event_becomes_one_mail_with_our_text_and_a_way_out(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    sent = message()

    assert klaviyo.send(sent) == Accepted(provider_id=None)

    (mail,) = world.emails_to("ana@example.com")
    assert mail.subject == "L'hai dimenticato?"
    assert mail.preview == "Il tuo carrello ti aspetta"
    assert "<p>Il tuo carrello</p>" in mail.html
    assert "p{color:green}" in mail.html.partition("</head>")[0]
    assert mail.text.startswith("Il tuo carrello & altro")
    assert mail.unsubscribe_url in mail.html
    assert mail.unsubscribe_url in mail.text
    assert "1 Sandbox Street" in mail.html
    assert mail.message_id == str(sent.message_id)


def test_a_repeat_with_the_same_unique_id_sends_nothing_more(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    sent = message()

    assert klaviyo.send(sent) == klaviyo.send(sent) == Accepted(provider_id=None)

    assert len(world.emails_to("ana@example.com")) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path="/api/events", method="POST", after=True, status=500),
        Fault(path="/api/events", method="POST", after=True, status=503),
        Fault(path="/api/events", method="POST", after=True, hang_up=True),
        Fault(path="/api/events", method="POST", after=True, delay_seconds=0.6),
    ],
    ids=["500", "503", "hang-up", "too late"],
)
def test_a_lost_answer_is_unknown_and_its_repeat_is_harmless(
    world: KlaviyoWorld, live_cart: str, message: MakeMessage, fault: Fault
) -> None:
    impatient = Klaviyo(CREDENTIALS, world.url, timeout=(1.0, 0.3))
    sent = message()
    before = event_posts(world)
    world.fail(fault)

    assert isinstance(impatient.send(sent), Unknown)
    assert event_posts(world) == before + 1
    assert impatient.look_up(sent) == NotFound()
    assert isinstance(impatient.send(sent), Accepted)

    assert len(world.emails_to("ana@example.com")) == 1


def test_an_event_that_was_never_taken_is_sent_by_the_repeat(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    sent = message()
    world.fail(Fault(path="/api/events", method="POST", status=502))

    assert isinstance(klaviyo.send(sent), Unknown)
    assert world.emails_to("ana@example.com") == []
    assert isinstance(klaviyo.send(sent), Accepted)

    assert len(world.emails_to("ana@example.com")) == 1


def test_a_rate_limit_is_returned_at_once_with_its_wait(
    world: KlaviyoWorld, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    # An hour: had anything slept it out, this test would not end.
    world.limit("/api/events", retry_after=3600)

    result = klaviyo.send(message())

    assert isinstance(result, Refused)
    assert (result.advice, result.retry_after, result.code) == (Advice.RETRY, 3600.0, "throttled")
    assert event_posts(world) == 1


def test_a_retry_after_given_as_a_date_is_understood(
    world: KlaviyoWorld, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    # The clock stands at 2026-03-02 09:00 UTC.
    headers = (("Retry-After", "Mon, 02 Mar 2026 09:02:00 GMT"),)
    world.fail(Fault(path="/api/events", status=429, headers=headers))

    result = klaviyo.send(message())

    assert isinstance(result, Refused)
    assert (result.advice, result.retry_after) == (Advice.RETRY, 120.0)


def test_a_bad_address_is_named_as_such(klaviyo: Klaviyo, message: MakeMessage) -> None:
    result = klaviyo.send(message(to="ana@nowhere"))

    assert isinstance(result, Refused)
    assert result.advice is Advice.BAD_ADDRESS


@pytest.mark.parametrize(
    ("status", "code", "advice"),
    [
        (400, "invalid", Advice.OUR_BUG),
        (401, "not_authenticated", Advice.STOP_STORE),
        (403, "permission_denied", Advice.STOP_STORE),
        (404, "not_found", Advice.OUR_BUG),
        (409, "conflict", Advice.OUR_BUG),
        (410, "gone", Advice.OUR_BUG),
        (415, "unsupported_media_type", Advice.OUR_BUG),
    ],
)
def test_each_refusal_says_what_to_do(
    world: KlaviyoWorld,
    klaviyo: Klaviyo,
    message: MakeMessage,
    *,
    status: int,
    code: str,
    advice: Advice,
) -> None:
    world.refuse("/api/events", Problem(status, code, "Klaviyo's own sentence."))

    result = klaviyo.send(message())

    assert isinstance(result, Refused)
    assert (result.advice, result.code) == (advice, code)
    assert "Klaviyo's own sentence." in result.detail
    assert "Klaviyo reference 0c4c4f52" in result.detail
    assert event_posts(world) == 1


def test_a_wrong_key_stops_the_store(
    world: KlaviyoWorld, account: Account, message: MakeMessage
) -> None:
    credentials = type(CREDENTIALS)(private_key="pk_revoked")

    result = Klaviyo(credentials, world.url).send(message())

    assert isinstance(result, Refused)
    assert result.advice is Advice.STOP_STORE


def test_a_page_of_the_network_does_not_stop_the_store(
    world: KlaviyoWorld, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    html = (("Content-Type", "text/html"),)
    world.fail(Fault(path="/api/events", status=403, headers=html, body="<html>Forbidden</html>"))

    result = klaviyo.send(message())

    assert isinstance(result, Refused)
    assert result.advice is Advice.RETRY


def test_a_klaviyo_that_cannot_be_reached_took_nothing(message: MakeMessage) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]

    result = Klaviyo(CREDENTIALS, f"http://127.0.0.1:{port}").send(message())

    assert isinstance(result, Refused)
    assert (result.advice, result.code) == (Advice.RETRY, "unreachable")


def test_a_message_over_the_limit_is_refused_here_with_a_sentence(
    world: KlaviyoWorld, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    result = klaviyo.send(message(html="<body>" + "é" * 60_000 + "</body>"))

    assert isinstance(result, Refused)
    assert result.advice is Advice.OUR_BUG
    assert "The HTML of this message is 120 KB" in result.detail
    assert event_posts(world) == 0


def test_two_people_with_one_key_of_ours_are_two_mails(
    world: KlaviyoWorld, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    klaviyo.send(message())
    klaviyo.send(message())

    assert len(world.emails_to("ana@example.com")) == 2


def test_a_202_promises_nothing_until_klaviyo_files_the_event(
    world: KlaviyoWorld, account: Account, klaviyo: Klaviyo, live_cart: str, message: MakeMessage
) -> None:
    account.lagging = True
    sent = message()

    assert isinstance(klaviyo.send(sent), Accepted)
    assert isinstance(klaviyo.send(sent), Accepted)
    assert world.emails_to("ana@example.com") == []
    world.pump()

    assert len(world.emails_to("ana@example.com")) == 1


def test_someone_who_ordered_before_klaviyo_got_to_it_gets_no_mail(
    world: KlaviyoWorld,
    account: Account,
    klaviyo: Klaviyo,
    message: MakeMessage,
    request: pytest.FixtureRequest,
) -> None:
    placed = account.metric("Placed Order", "Shopify")
    request.getfixturevalue("live_cart")
    account.lagging = True
    klaviyo.send(message())
    account.file(placed, account.profile({"email": "ana@example.com"}), {}, clock.now())
    world.pump()

    assert world.emails_to("ana@example.com") == []
    assert account.skipped == [("ana@example.com", "profile filter")]


def test_what_klaviyo_repeats_of_a_person_is_not_kept(
    world: KlaviyoWorld, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    told = "The profile <ana@example.com> with +39 333 123 4567 is not valid."
    world.refuse("/api/events", Problem(400, "invalid", told, "/data/attributes/profile"))

    refused = klaviyo.send(message())

    assert isinstance(refused, Refused)
    assert "The profile <***> with *** is not valid." in refused.detail


def test_the_event_brings_the_names_to_the_profile(
    world: KlaviyoWorld, klaviyo: Klaviyo, message: MakeMessage
) -> None:
    ana = Person(platform_key="77", first_name="Ana", last_name="Neri")

    klaviyo.send(message(person=ana, locale="pt-BR"))
    klaviyo.send(message(person=ana, locale="it"))

    first, second = [
        seen.body["data"]["attributes"]["profile"]["data"]["attributes"]
        for seen in world.journal
        if seen.path == "/api/events"
    ]
    assert (first["first_name"], first["last_name"], first["locale"]) == ("Ana", "Neri", "pt-BR")
    assert "locale" not in second
