"""`comeback channel`: providers are tried before their credentials are kept."""

from uuid import UUID

import pytest
from sqlalchemy import select

from app.config import Config
from app.crypto import Vault
from app.models import Credential
from app.sandbox.klaviyo import Account, KlaviyoWorld
from app.sandbox.twilio import TwilioWorld
from app.sandbox.twilio_records import new_sid
from app.stores.credentials import load, mark_broken
from app.tenancy import store_transaction
from tests.cli.conftest import KLAVIYO_KEY, Run, count
from tests.conftest import MakeStore

TWILIO_WORDS = ("channel", "connect", "twilio")


def kept(config: Config, store_id: UUID, kind: str) -> dict[str, str]:
    with store_transaction(store_id) as session:
        secret = load(session, Vault(config.keys), store_id, kind)
    return dict(secret.values) if secret else {}


@pytest.mark.requirement(112)
def test_klaviyo_is_connected_by_its_private_key(
    run: Run, config: Config, store_id: UUID, account: Account
) -> None:
    result = run("channel", "connect", "klaviyo", str(store_id), answers=(KLAVIYO_KEY,))

    assert result.exit_code == 0, result.output
    assert kept(config, store_id, "klaviyo") == {"private_key": KLAVIYO_KEY}
    assert "mail comes from hello@erbe-buone.example" in result.stdout
    assert KLAVIYO_KEY not in result.output


@pytest.mark.requirement(112)
def test_twilio_is_connected_with_its_service_and_whatsapp_sender(
    run: Run, config: Config, store_id: UUID, twilio: TwilioWorld
) -> None:
    account = twilio.add_account()
    service = twilio.add_service(account, name="Erbe")

    words = (*TWILIO_WORDS, str(store_id), "--whatsapp", "whatsapp:+390212345678")
    result = run(*words, answers=(account.sid, account.token, service.sid))

    assert result.exit_code == 0, result.output
    assert kept(config, store_id, "twilio") == {
        "account_sid": account.sid,
        "auth_token": account.token,
        "messaging_service_sid": service.sid,
        "whatsapp": "+390212345678",
    }
    assert account.token not in result.output
    assert f"https://comeback.example/callbacks/twilio/{store_id}" in result.stdout


def test_refused_credentials_are_told_and_the_old_ones_stay(
    run: Run, config: Config, store_id: UUID, account: Account
) -> None:
    run("channel", "connect", "klaviyo", str(store_id), "--private-key", KLAVIYO_KEY)

    result = run("channel", "connect", "klaviyo", str(store_id), "--private-key", "pk_wrong")

    assert result.exit_code == 1
    assert "Nothing was saved." in result.stderr
    assert kept(config, store_id, "klaviyo") == {"private_key": KLAVIYO_KEY}


def test_a_service_of_another_account_is_refused_before_anything_is_saved(
    run: Run, store_id: UUID, twilio: TwilioWorld
) -> None:
    mine, other = twilio.add_account(), twilio.add_account()
    service = twilio.add_service(other)

    result = run(*TWILIO_WORDS, str(store_id), answers=(mine.sid, mine.token, service.sid))

    assert result.exit_code == 1
    assert "Nothing was saved." in result.stderr
    assert count(Credential) == 0


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("klaviyo", "{}", "--private-key", "AbC123"), "--private-key: it begins with pk_"),
        (
            ("klaviyo", "{}", "--private-key", "pk_x", "--webhook-secret", "short"),
            "--webhook-secret: give 16 characters or more",
        ),
        (("twilio", "{}", "--account-sid", "AC1"), "--account-sid: it is AC and 32"),
        (
            (
                *("twilio", "{}", "--account-sid", new_sid("AC"), "--auth-token", "t"),
                *("--messaging-service-sid", new_sid("SM")),
            ),
            "--messaging-service-sid: it is MG and 32",
        ),
        (
            (
                *("twilio", "{}", "--account-sid", new_sid("AC"), "--auth-token", "t"),
                *("--messaging-service-sid", new_sid("MG"), "--whatsapp", "0212345678"),
            ),
            "--whatsapp: give the number with its country",
        ),
        (("klaviyo", "nobody"), "STORE: no store is called “nobody”"),
    ],
)
def test_what_cannot_be_right_is_named_without_asking_the_provider(
    run: Run, store_id: UUID, words: tuple[str, ...], sentence: str
) -> None:
    result = run("channel", "connect", *(word.format(store_id) for word in words))

    assert result.exit_code == 1
    assert sentence in result.stderr
    assert count(Credential) == 0


def test_every_connected_channel_is_tested_and_one_that_fails_is_named(
    run: Run, store_id: UUID, account: Account, twilio: TwilioWorld
) -> None:
    texts = twilio.add_account()
    service = twilio.add_service(texts, name="Erbe", inbound_request_url="https://x.example")
    run("channel", "connect", "klaviyo", str(store_id), "--private-key", KLAVIYO_KEY)
    run(*TWILIO_WORDS, str(store_id), answers=(texts.sid, texts.token, service.sid))

    working = run("channel", "test", str(store_id))
    with store_transaction(store_id) as session:
        mark_broken(session, store_id, "klaviyo", "The key was deleted. Connect Klaviyo again.")
    broken = run("channel", "test", str(store_id))

    assert working.exit_code == 0
    assert working.stdout.splitlines() == [
        "email: Connected to Erbe Buone; mail comes from hello@erbe-buone.example.",
        "sms: Texts go out by “Erbe”.",
    ]
    assert broken.exit_code == 1
    assert "email: The key was deleted. Connect Klaviyo again." in broken.stderr
    assert "sms: Texts go out by “Erbe”." in broken.stdout


def test_a_provider_that_does_not_answer_is_named(
    run: Run, store_id: UUID, klaviyo: KlaviyoWorld, account: Account
) -> None:
    run("channel", "connect", "klaviyo", str(store_id), "--private-key", KLAVIYO_KEY)
    klaviyo.limit("/api/accounts", retry_after=30)

    result = run("channel", "test", str(store_id))

    assert result.exit_code == 1
    assert result.stderr.startswith("email: ")


def test_a_store_without_channels_is_told_how_to_connect_one(run: Run, store_id: UUID) -> None:
    result = run("channel", "test", str(store_id))

    assert result.exit_code == 1
    assert "comeback channel connect klaviyo" in result.stderr


def test_credentials_of_one_store_are_not_those_of_another(
    run: Run, make_store: MakeStore, account: Account
) -> None:
    ours, theirs = make_store(), make_store()
    run("channel", "connect", "klaviyo", str(ours), "--private-key", KLAVIYO_KEY)

    with store_transaction(theirs) as session:
        assert session.scalars(select(Credential)).all() == []
    assert run("channel", "test", str(theirs)).exit_code == 1
