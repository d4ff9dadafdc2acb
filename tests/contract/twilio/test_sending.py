"""Sending through the real SDK over real HTTP: once, and never again blindly."""

import json
import socket
from dataclasses import replace

import pytest

from app.channels import Accepted, Advice, ChannelName, NotFound, Refused, Unknown
from app.channels.twilio import Twilio, TwilioCredentials
from app.channels.twilio.errors import MEANINGS
from app.sandbox.server import Fault
from app.sandbox.twilio_checks import FIRST_LATE_CODE
from tests.conftest import Clock
from tests.contract.twilio.conftest import ANA, Door, Shop

MESSAGES = "/2010-04-01/Accounts"


@pytest.mark.requirement(109, 112)
def test_a_text_goes_out_through_the_messaging_service_and_arrives(shop: Shop) -> None:
    message = shop.message()

    answer = shop.channel.send(message)
    shop.world.pump()

    [text] = shop.world.messages
    assert answer == Accepted(provider_id=text.sid, segments=None)
    assert text.service_sid == shop.service.sid
    assert [arrived.body for arrived in shop.world.texts_to(ANA)] == [message.body]


def test_twilio_itself_sends_the_same_text_twice_when_asked_twice(shop: Shop) -> None:
    message = shop.message()

    shop.channel.send(message)
    shop.channel.send(message)

    assert len(shop.world.messages) == 2


def test_a_text_too_old_for_its_validity_is_not_sent(shop: Shop, clock: Clock) -> None:
    shop.channel.send(shop.message(valid_for_seconds=60))

    clock.advance(seconds=61)
    shop.world.pump()

    assert shop.world.texts_to(ANA) == []
    assert shop.world.messages[0].error_code == 30036


@pytest.mark.parametrize(("asked", "told"), [(-5, 1), (90, 90), (10**6, 36_000)])
def test_validity_stays_within_what_twilio_takes(shop: Shop, asked: int, told: int) -> None:
    answer = shop.channel.send(shop.message(valid_for_seconds=asked))

    assert isinstance(answer, Accepted)
    assert shop.world.messages[0].valid_for.total_seconds() == told


@pytest.mark.requirement(110)
def test_whatsapp_goes_as_an_approved_template_with_its_values(shop: Shop) -> None:
    template = shop.world.add_template("Ciao {{1}}, il tuo carrello: {{2}}")
    message = shop.message(
        channel=ChannelName.WHATSAPP,
        template_key=template.sid,
        template_values={"1": "Ana", "2": "https://s.example/c/1"},
    )

    answer = shop.channel.send(message)
    shop.world.pump()

    assert isinstance(answer, Accepted)
    [arrived] = shop.world.texts_to(ANA)
    assert (arrived.body, arrived.channel) == (
        "Ciao Ana, il tuo carrello: https://s.example/c/1",
        "whatsapp",
    )


def test_free_text_on_whatsapp_fails_later_unless_the_person_has_just_written(shop: Shop) -> None:
    message = shop.message(channel=ChannelName.WHATSAPP)

    shop.channel.send(message)
    shop.world.pump()
    assert shop.world.messages[0].error_code == 63016

    shop.world.reply(ANA, "ciao", channel="whatsapp")
    shop.channel.send(message)
    shop.world.pump()
    assert shop.world.messages[1].status == "read"


@pytest.mark.parametrize("code", sorted(c for c in MEANINGS if c < FIRST_LATE_CODE))
def test_every_code_that_refuses_at_once_has_its_advice(shop: Shop, code: int) -> None:
    shop.world.refuse_next(code)

    answer = shop.channel.send(shop.message())

    assert isinstance(answer, Refused)
    assert (answer.code, answer.advice) == (str(code), MEANINGS[code].advice)
    assert answer.detail == MEANINGS[code].sentence
    assert shop.world.messages == []


def test_a_code_we_do_not_know_stops_one_message_only(shop: Shop) -> None:
    shop.world.refuse_next(29_999)

    answer = shop.channel.send(shop.message())

    assert isinstance(answer, Refused)
    assert answer.advice is Advice.GIVE_UP


def test_a_number_that_answered_stop_is_refused_as_an_opt_out(shop: Shop) -> None:
    shop.channel.send(shop.message())
    shop.world.reply(ANA, "STOP")

    answer = shop.channel.send(shop.message())

    assert isinstance(answer, Refused)
    assert (answer.code, answer.advice) == ("21610", Advice.OPT_OUT)


def test_a_keyword_is_answered_by_twilio_itself_and_start_lets_texts_through_again(
    shop: Shop,
) -> None:
    shop.world.reply(ANA, "stop")
    shop.world.reply(ANA, "START")
    shop.world.pump()

    answer = shop.channel.send(shop.message())

    assert isinstance(answer, Accepted)
    assert len(shop.world.texts_to(ANA)) == 2


@pytest.mark.parametrize("body", ["", '{"code": 20429, "message": "busy", "status": 429}'])
def test_too_many_requests_is_safe_to_send_again(shop: Shop, body: str) -> None:
    shop.world.fail(Fault(path=MESSAGES, status=429, body=body))

    answer = shop.channel.send(shop.message())

    assert isinstance(answer, Refused)
    assert answer.advice is Advice.RETRY
    assert answer.retry_after is not None


def test_wrong_credentials_stop_the_store(shop: Shop) -> None:
    wrong = TwilioCredentials(
        account_sid=shop.account.sid, auth_token="no", messaging_service_sid=shop.service.sid
    )

    answer = Twilio(wrong, endpoint=shop.world.url).send(shop.message())

    assert isinstance(answer, Refused)
    assert answer.advice is Advice.STOP_STORE


@pytest.mark.parametrize(
    "fault",
    [
        Fault(path=MESSAGES, status=500, after=True),
        Fault(path=MESSAGES, status=503, after=True, body="<html>busy</html>"),
        Fault(path=MESSAGES, status=201, after=True, body="<html>a proxy's page</html>"),
        Fault(path=MESSAGES, status=201, after=True, body="{}"),
        Fault(path=MESSAGES, hang_up=True, after=True),
        Fault(path=MESSAGES, status=408, after=True),
        Fault(path=MESSAGES, status=302, after=True),
    ],
)
def test_a_lost_answer_is_unknown_and_the_look_up_finds_the_text(shop: Shop, fault: Fault) -> None:
    message = shop.message()
    shop.world.fail(fault)

    lost = shop.channel.send(message)
    found = shop.channel.look_up(message)

    assert isinstance(lost, Unknown)
    [text] = shop.world.messages
    assert found == Accepted(provider_id=text.sid)


def test_an_answer_that_takes_too_long_is_unknown(shop: Shop) -> None:
    credentials = TwilioCredentials(
        account_sid=shop.account.sid,
        auth_token=shop.account.token,
        messaging_service_sid=shop.service.sid,
    )
    shop.world.fail(Fault(path=MESSAGES, after=True, delay_seconds=1.0))

    hasty = Twilio(credentials, endpoint=shop.world.url, read_seconds=0.2)
    answer = hasty.send(shop.message())

    assert isinstance(answer, Unknown)
    assert len(shop.world.messages) == 1


def test_a_refused_connection_sent_nothing_and_may_be_tried_again(shop: Shop) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{taken.getsockname()[1]}"
    credentials = TwilioCredentials(
        account_sid=shop.account.sid,
        auth_token=shop.account.token,
        messaging_service_sid=shop.service.sid,
    )

    answer = Twilio(credentials, endpoint=closed).send(shop.message())

    assert isinstance(answer, Refused)
    assert answer.advice is Advice.RETRY


def test_nothing_is_retried_by_the_sdk(shop: Shop) -> None:
    shop.world.fail(Fault(path=MESSAGES, status=500), times=5)

    shop.channel.send(shop.message())

    assert len(shop.world.requests) == 1


def test_the_sdk_writes_no_number_to_the_log(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("DEBUG"):
        shop.channel.send(shop.message())
        shop.channel.look_up(shop.message())

    assert ANA not in caplog.text
    assert ANA.replace("+", "%2B") not in "".join(
        record.getMessage() for record in caplog.records if record.name.startswith("twilio")
    )


def test_a_store_without_a_token_never_borrows_the_machines_own(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TWILIO_ACCOUNT_SID", shop.account.sid)
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", shop.account.token)
    empty = TwilioCredentials(
        account_sid=shop.account.sid, auth_token="", messaging_service_sid=shop.service.sid
    )

    answer = Twilio(empty, endpoint=shop.world.url).send(shop.message())

    assert isinstance(answer, Refused)
    assert answer.advice is Advice.STOP_STORE


def test_a_token_shows_in_no_repr() -> None:
    credentials = TwilioCredentials(
        account_sid="AC1", auth_token="topsecret", messaging_service_sid="MG1"
    )

    assert "topsecret" not in repr(credentials)


def test_a_missing_message_is_not_found_only_after_minutes(shop: Shop, clock: Clock) -> None:
    message = shop.message()

    early = shop.channel.look_up(message)
    clock.advance(minutes=6)
    late = shop.channel.look_up(message)

    assert isinstance(early, Unknown)
    assert late == NotFound()


def test_patience_counts_from_the_attempt_when_it_is_told(shop: Shop, clock: Clock) -> None:
    message = shop.message()
    clock.advance(hours=3)
    attempted = replace(message, attempted_at=clock())

    assert isinstance(shop.channel.look_up(attempted), Unknown)


def test_a_look_up_tells_the_persons_texts_apart(shop: Shop, clock: Clock) -> None:
    wanted, other = shop.message(), shop.message()
    shop.channel.send(other)
    clock.advance(minutes=10)

    assert shop.channel.look_up(wanted) == NotFound()


def test_a_person_who_quotes_our_text_is_not_taken_for_it(shop: Shop, clock: Clock) -> None:
    message = shop.message(to="+15005550006")
    shop.world.reply(ANA, message.body)
    clock.advance(minutes=10)

    assert shop.channel.look_up(message) == NotFound()


def test_a_look_up_reads_past_the_first_page(shop: Shop) -> None:
    wanted = shop.message()
    shop.channel.send(wanted)
    for _ in range(60):
        shop.channel.send(shop.message())

    found = shop.channel.look_up(wanted)

    assert found == Accepted(provider_id=shop.world.messages[0].sid)


def test_an_older_text_with_the_same_words_is_not_taken_for_this_one(
    shop: Shop, clock: Clock
) -> None:
    shop.channel.send(shop.message(body="Il tuo carrello ti aspetta"))
    clock.advance(hours=1)
    again = shop.message(body="Il tuo carrello ti aspetta")
    clock.advance(minutes=6)

    assert shop.channel.look_up(again) == NotFound()


def test_a_text_whose_quotes_twilio_has_straightened_is_found(shop: Shop) -> None:
    message = shop.message(body="È “tuo” – l’ultimo")
    shop.channel.send(message)
    shop.world.messages[0].body = 'È "tuo" - l\'ultimo'

    assert isinstance(shop.channel.look_up(message), Accepted)


def test_a_whatsapp_template_is_found_by_its_values(shop: Shop) -> None:
    template = shop.world.add_template("Ciao {{1}}: {{2}}")
    message = shop.message(
        channel=ChannelName.WHATSAPP,
        body="",
        template_key=template.sid,
        template_values={"1": "Ana", "2": "https://s.example/c/77"},
    )
    other = replace(message, template_values={"1": "Ana", "2": "https://s.example/c/78"})
    shop.channel.send(message)

    assert isinstance(shop.channel.look_up(message), Accepted)
    assert isinstance(shop.channel.look_up(other), Unknown)


def test_a_template_without_values_is_never_guessed(shop: Shop, clock: Clock) -> None:
    template = shop.world.add_template("Torna a trovarci")
    message = shop.message(channel=ChannelName.WHATSAPP, body="", template_key=template.sid)
    shop.channel.send(message)
    clock.advance(minutes=10)

    assert isinstance(shop.channel.look_up(message), Unknown)


def test_a_look_up_that_fails_stays_unknown(shop: Shop, clock: Clock) -> None:
    message = shop.message()
    clock.advance(hours=1)
    for status in (500, 401, 429):
        shop.world.fail(Fault(path=MESSAGES, status=status, body=json.dumps({"code": 1})))
        assert isinstance(shop.channel.look_up(message), Unknown)


def test_the_callback_address_asks_twilio_to_try_again(shop: Shop, door: Door) -> None:
    shop.channel.send(shop.message())
    door.status = 503
    shop.world.pump()
    door.status = 204

    answers = shop.world.pump()

    assert answers == [204, 204, 204]


def test_a_look_up_passes_over_an_attempt_that_is_known_to_have_failed(
    shop: Shop, clock: Clock
) -> None:
    message = shop.message()
    shop.channel.send(message)
    failed = shop.world.messages[0].sid
    clock.advance(minutes=6)

    assert shop.channel.look_up(message) == Accepted(provider_id=failed)
    assert shop.channel.look_up(replace(message, failed_ids=frozenset({failed}))) == NotFound()
