"""The settings: what stands when nothing is set, and the sentence for what cannot stand."""

import pytest

from app.config import Config, read_config
from app.errors import ConfigError


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Config.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_nothing_needs_to_be_set_on_one_machine() -> None:
    config = read_config()

    assert (config.database_url, config.redis_url) == (None, None)
    assert (config.host, config.port) == ("127.0.0.1", 8000)


def test_the_environment_wins_over_every_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("ALLOW_PRIVATE_ADDRESSES", "true")

    config = read_config()

    assert (config.port, config.allow_private_addresses) == (9000, True)


def test_every_wrong_setting_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    monkeypatch.setenv("SWEEP_SECONDS", "often")

    with pytest.raises(ConfigError) as refused:
        read_config()

    assert "PORT: " in str(refused.value)
    assert "SWEEP_SECONDS: " in str(refused.value)


def test_a_wrong_secret_is_never_repeated_in_the_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEYS", "top-secret")
    monkeypatch.setenv("PORT", "eighty")

    with pytest.raises(ConfigError) as refused:
        read_config()

    assert "top-secret" not in str(refused.value)


def test_keys_are_read_newest_first_and_blanks_are_dropped() -> None:
    assert Config(secret_keys=" new , old ,").keys == ["new", "old"]


def test_without_a_key_the_way_to_make_one_is_told() -> None:
    with pytest.raises(ConfigError, match="comeback key"):
        _ = Config().keys


def test_an_empty_shopify_secret_never_verifies_anything() -> None:
    assert Config().shopify_secrets == ()
    assert Config(shopify_api_secret="new", shopify_old_api_secret="old").shopify_secrets == (
        "new",
        "old",
    )
    assert Config(shopify_old_api_secret="old").shopify_secrets == ("old",)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example",
        "https://mail.example",
        "smtp://",
        "smtp://user:hidden@",
        "smtp://mail.example:many",
        "smtp://[::1",
    ],
)
def test_an_address_of_no_mail_server_is_refused_without_its_password(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("SMTP_URL", url)
    monkeypatch.setenv("MAIL_FROM", "notices@comeback.example")

    with pytest.raises(
        ConfigError, match="SMTP_URL: give smtp://user:password@host:587"
    ) as refused:
        read_config()

    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize("sender", [None, "Comeback", "Comeback <notices>"])
def test_a_mail_server_needs_a_sender(monkeypatch: pytest.MonkeyPatch, sender: str | None) -> None:
    monkeypatch.setenv("SMTP_URL", "smtps://user:p%40ss@mail.example")
    if sender is not None:
        monkeypatch.setenv("MAIL_FROM", sender)

    with pytest.raises(ConfigError, match="MAIL_FROM: give the address"):
        read_config()


def test_a_mail_server_and_its_sender_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://mail.example:2525")
    monkeypatch.setenv("MAIL_FROM", "Comeback <notices@comeback.example>")

    config = read_config()

    assert config.smtp_url == "smtp://mail.example:2525"
    assert config.mail_from == "Comeback <notices@comeback.example>"


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [
        ("OPERATOR_EMAIL", "ops", "OPERATOR_EMAIL: give an address"),
        ("OPERATOR_EMAIL", "ops@comeback.example", "OPERATOR_EMAIL: it needs SMTP_URL"),
        ("OPERATOR_WEBHOOK", "alerts.example", "OPERATOR_WEBHOOK: give an address of http"),
    ],
)
def test_where_the_operator_cannot_be_reached_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, hint: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(ConfigError, match=hint):
        read_config()
