"""Ways to reach a person. A channel is one small file behind this contract.

A provider's refusal is a value and says whether trying again can help. What we cannot know is
`Unknown` and is looked up, never resent blindly.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from app.events import Person


class ChannelName(StrEnum):
    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"


CARRIES: Mapping[str, tuple[ChannelName, ...]] = {
    "klaviyo": (ChannelName.EMAIL,),
    "twilio": (ChannelName.SMS, ChannelName.WHATSAPP),
}
"""The accounts a store may have, and the channels that each carries."""

ACCOUNT_OF: Mapping[str, str] = {name: kind for kind, names in CARRIES.items() for name in names}
"""The account that carries a channel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMessage:
    """A rendered message, ready for the call. `unique_id` is the same on every attempt."""

    message_id: UUID
    store_id: UUID
    unique_id: str
    channel: ChannelName
    to: str
    person: Person
    flow: str
    commercial: bool
    locale: str
    body: str
    subject: str = ""
    html: str = ""
    preview: str = ""
    template_key: str | None = None
    template_values: Mapping[str, str] = field(default_factory=dict)
    callback_url: str | None = None
    valid_for_seconds: int = 36_000
    step: str = ""
    planned_at: datetime
    attempted_at: datetime | None = None
    """When the latest call began; a look-up is patient from here."""
    failed_ids: frozenset[str] = frozenset()
    """The provider's ids of earlier attempts that did not arrive: a look-up passes over them."""


class Advice(StrEnum):
    """What a refusal asks of us."""

    RETRY = "retry"  # Not taken; safe to send again at `retry_after`.
    OPT_OUT = "opt_out"  # The person refuses: record it.
    BAD_ADDRESS = "bad_address"  # Never works: mark the address.
    TRY_OTHER = "try_other"  # This channel cannot reach them; another may.
    GIVE_UP = "give_up"  # This message cannot go; the next may.
    TRY_LATER = "try_later"  # It did not arrive, for certain, and may once, after `retry_after`.
    STOP_STORE = (
        "stop_store"  # Credentials or account: stop this store's channel, tell the merchant.
    )
    OUR_BUG = "our_bug"  # Our request is wrong: fail loudly.


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The provider took it. `provider_id` is None where the provider gives none."""

    provider_id: str | None
    segments: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The provider did not take it, for certain. `code` is the provider's own."""

    advice: Advice
    code: str
    detail: str
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The answer was lost: the message may be out. Look it up before anything else."""

    detail: str


@dataclass(frozen=True, slots=True)
class NotFound:
    """The provider has no trace of the message."""


class ReceiptStatus(StrEnum):
    """Ranked: status only climbs, see `messages.receipts`."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    CLICKED = "clicked"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNSUBSCRIBED = "unsubscribed"
    RESUBSCRIBED = "resubscribed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One thing a provider tells about a message or an address. `receipt_key` marks repeats."""

    receipt_key: str
    status: ReceiptStatus
    occurred_at: datetime
    message_id: UUID | None = None
    provider_id: str | None = None
    address: str | None = None
    channel: ChannelName | None = None
    """Which channel an opt-out or a return is about, where one account carries several."""
    code: str | None = None
    advice: Advice | None = None
    retry_after: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbound:
    """A text sent to us. `keyword_handled`: the provider already answered its STOP or START."""

    receipt_key: str
    channel: ChannelName
    address: str
    body: str
    occurred_at: datetime
    keyword_handled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallbackRequest:
    """A callback as it arrived, with the public URL it was sent to. Header names lower case."""

    url: str
    headers: Mapping[str, str]
    form: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptPage:
    receipts: Sequence[Receipt]
    cursor: str
    more: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """The answer of `channel test`: a sentence the merchant can act on when `ok` is False.

    `balance`: what is left to spend, with its currency, where the provider tells.
    """

    ok: bool
    sentence: str
    balance: tuple[Decimal, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message as the provider's own books tell of it. `key` marks repeats; `message_id`, `flow`
    and `step` are ours, where the provider keeps them."""

    key: str
    channel: ChannelName
    address: str
    sent_at: datetime
    provider_id: str | None = None
    message_id: UUID | None = None
    flow: str | None = None
    step: str | None = None


class Channel(Protocol):
    """One provider account of one store. Nothing here sleeps; every call has a timeout."""

    def send(self, message: OutgoingMessage) -> Accepted | Refused | Unknown: ...

    def look_up(self, message: OutgoingMessage) -> Accepted | NotFound | Unknown:
        """Whether an earlier attempt with an unknown result got through."""
        ...

    def sent_since(self, store_id: UUID, since: datetime) -> Iterator[Sent]:
        """What the provider has sent for a store since then, whether or not we remember it."""
        ...

    def read_callback(self, request: CallbackRequest) -> list[Receipt | Inbound]:
        """Check the signature, then read it. Raises BadSignature, MalformedPayload."""
        ...

    def poll(self, cursor: str | None) -> ReceiptPage | None:
        """Receipts since `cursor`; None where the provider only pushes."""
        ...

    def suppress(self, channel: ChannelName, address: str) -> None:
        """Tell the provider that this address has opted out."""
        ...

    def subscribe(self, channel: ChannelName, address: str, consented_at: datetime) -> bool:
        """Tell the provider that this address has opted in again; False where it takes no such
        word, or knows of a later opt-out."""
        ...

    def upsert_profile(self, person: Person, formerly: str | None) -> None:
        """Write what we know of a person who was mailed, where the provider keeps profiles.

        `formerly` is the address of their latest mail: the profile to bring up to date has it.
        """
        ...

    def erase(self, address: str) -> None:
        """Ask the provider to forget a person."""
        ...

    def test(self) -> ChannelHealth: ...
