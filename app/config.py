"""Every setting, read once from the environment. docs: README.md, table "Settings"."""

import logging
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.errors import ConfigError

_SHORTEST_TOKEN = 24


class Config(BaseSettings):
    """What the operator decides. What a merchant decides is a row, see `stores.settings`."""

    model_config = SettingsConfigDict(env_prefix="", frozen=True, extra="ignore")

    # Where state lives. Unset means: start a real server from its wheel under data_dir.
    database_url: str | None = None
    database_owner_url: str | None = None
    redis_url: str | None = None
    data_dir: Path = Path(".data")

    # How the world reaches us.
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    trusted_proxies: int = Field(1, ge=0)

    # Newest first, comma-separated; the first seals, all open (key rotation).
    secret_keys: str = ""

    # The Shopify app.
    shopify_api_key: str = ""
    shopify_api_secret: str = ""
    shopify_old_api_secret: str = ""
    shopify_endpoint: str | None = None

    # The Klaviyo OAuth app; merchants may also paste a private key.
    klaviyo_client_id: str = ""
    klaviyo_client_secret: str = ""
    klaviyo_endpoint: str | None = None

    twilio_endpoint: str | None = None

    # The operator's mail server, for notices to the people of a store. Empty: only on their page.
    smtp_url: str = ""
    mail_from: str = Field("", validate_default=True)

    # Where whoever runs this hears that a store is in trouble, once, and that it is over.
    operator_email: str = Field("", validate_default=True)
    operator_webhook: str = ""

    # Only for a sandbox on this machine: shops and webhook steps may be on loopback, over http.
    allow_private_addresses: bool = False

    # `<start>@<epoch>x<speed>`: an accelerated clock shared by all processes of a demo.
    clock: str | None = None

    # How often the ticker asks, in the machine's seconds.
    sweep_seconds: float = Field(2.0, gt=0)
    rhythm_seconds: float = Field(20.0, gt=0)
    poll_seconds: float = Field(60.0, gt=0)

    # How long personal data is kept where it is no longer needed, in days.
    webhook_days: int = Field(60, ge=1)
    message_days: int = Field(730, ge=1)

    # What a scraper of /metrics must show. Empty: there is no such door.
    metrics_token: str = ""

    web_workers: int = Field(1, ge=1)
    log_level: str = "INFO"
    max_webhook_bytes: int = Field(2 * 1024 * 1024, ge=1)

    @field_validator("redis_url")
    @classmethod
    def _names_a_queue(cls, url: str | None) -> str | None:
        if url and not url.startswith(("redis://", "rediss://", "unix://")):
            raise PydanticCustomError("redis_url", "give redis://host:6379/0, or rediss:// for TLS")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_an_address(cls, url: str) -> str:
        if not url.startswith(("https://", "http://")):
            raise PydanticCustomError("public_url", "give an address such as https://app.example")
        return url

    @field_validator("log_level")
    @classmethod
    def _is_a_level(cls, level: str) -> str:
        if level.upper() not in logging.getLevelNamesMapping():
            raise PydanticCustomError("log_level", "choose DEBUG, INFO, WARNING or ERROR")
        return level

    @field_validator("metrics_token")
    @classmethod
    def _cannot_be_guessed(cls, token: str) -> str:
        if token and len(token) < _SHORTEST_TOKEN:
            raise PydanticCustomError(
                "metrics_token",
                f"give at least {_SHORTEST_TOKEN} characters, such as a key of `comeback key`",
            )
        return token

    @field_validator("smtp_url")
    @classmethod
    def _names_a_mail_server(cls, url: str) -> str:
        try:
            parts = urlsplit(url)
            sound = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # A port that is no number, half an IPv6 address.
            sound = False
        if url and not sound:
            raise PydanticCustomError(
                "smtp_url", "give smtp://user:password@host:587, or smtps:// for port 465"
            )
        return url

    @field_validator("mail_from")
    @classmethod
    def _names_a_sender(cls, sender: str, info: ValidationInfo) -> str:
        if (sender or info.data.get("smtp_url")) and "@" not in parseaddr(sender)[1]:
            raise PydanticCustomError(
                "mail_from", "give the address that SMTP_URL may send from: notices@example.com"
            )
        return sender

    @field_validator("operator_email")
    @classmethod
    def _can_be_written_to(cls, address: str, info: ValidationInfo) -> str:
        if address and "@" not in parseaddr(address)[1]:
            raise PydanticCustomError("operator_email", "give an address such as ops@example.com")
        if address and not info.data.get("smtp_url"):
            raise PydanticCustomError("operator_email", "it needs SMTP_URL and MAIL_FROM as well")
        return address

    @field_validator("operator_webhook")
    @classmethod
    def _can_be_called(cls, url: str) -> str:
        # The operator's own network is the operator's: any host will do.
        if url and not url.startswith(("https://", "http://")):
            raise PydanticCustomError("operator_webhook", "give an address of http:// or https://")
        return url

    @property
    def keys(self) -> list[str]:
        """The secret keys, newest first. Raises ConfigError when there is none."""
        keys = [key.strip() for key in self.secret_keys.split(",") if key.strip()]
        if not keys:
            raise ConfigError(
                "Set SECRET_KEYS to one or more keys made by `comeback key`, newest first."
            )
        return keys

    @property
    def shopify_secrets(self) -> tuple[str, ...]:
        """Current and previous app secret; an empty one never verifies anything."""
        return tuple(s for s in (self.shopify_api_secret, self.shopify_old_api_secret) if s)


def read_config() -> Config:
    """The environment as a Config. Raises ConfigError naming every setting that is wrong."""
    try:
        return Config()
    except ValidationError as error:
        problems = "; ".join(
            f"{str(problem['loc'][0]).upper()}: {problem['msg']}" for problem in error.errors()
        )
        raise ConfigError(f"These settings are wrong: {problems}") from error
