"""Two providers by hand, at the edge of ours: one that knows a repeat by its unique id, as Klaviyo
does, and one that does not, as Twilio. Both write down what truly went out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from app.channels import (
    Accepted,
    CallbackRequest,
    ChannelHealth,
    ChannelName,
    Inbound,
    NotFound,
    OutgoingMessage,
    Receipt,
    ReceiptPage,
    Refused,
    Sent,
    Unknown,
)
from app.errors import ComebackError
from app.events import Person

Answer = Accepted | Refused | Unknown


class Killed(BaseException):
    """The process dies here: no handler of ours may catch it."""


@dataclass
class FakeChannel:
    """`answers` are given in turn, then every message is taken. `before` and `after` run around
    the moment at which the provider takes a message: a test kills or shops there."""

    knows_repeats: bool
    answers: list[Answer] = field(default_factory=list)
    before: Callable[[OutgoingMessage], None] | None = None
    after: Callable[[OutgoingMessage], None] | None = None
    calls: list[OutgoingMessage] = field(default_factory=list)
    out: list[OutgoingMessage] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    subscribed: list[tuple[str, datetime]] = field(default_factory=list)
    erased: list[str] = field(default_factory=list)
    profiles: list[tuple[Person, str | None]] = field(default_factory=list)
    on_profile: Callable[[Person], None] | None = None
    refuses: ComebackError | None = None
    pages: list[ReceiptPage] = field(default_factory=list)
    cursors: list[str | None] = field(default_factory=list)
    looked_up: list[OutgoingMessage] = field(default_factory=list)
    lists_late: bool = False

    def send(self, message: OutgoingMessage) -> Answer:
        self.calls.append(message)
        if self.before is not None:
            self.before(message)
        answer = self.answers.pop(0) if self.answers else Accepted(provider_id=self._id())
        if isinstance(answer, Accepted):
            self.take(message)
        if self.after is not None:
            self.after(message)
        return answer

    def take(self, message: OutgoingMessage) -> None:
        """The provider has it; whether the sender ever hears of that is another matter."""
        known = any(sent.unique_id == message.unique_id for sent in self.out)
        if not (self.knows_repeats and known):
            self.out.append(message)

    def look_up(self, message: OutgoingMessage) -> Accepted | NotFound | Unknown:
        self.looked_up.append(message)
        if self.knows_repeats:
            return NotFound()
        if self.lists_late:
            return Unknown(detail="Not in the list yet.")
        if any(sent.body == message.body and sent.to == message.to for sent in self.out):
            return Accepted(provider_id=self._id())
        return NotFound()

    def sent_since(self, store_id: UUID, since: datetime) -> Iterator[Sent]:
        raise NotImplementedError("The fake has no books: a restore is rehearsed with the sandbox.")

    def read_callback(self, request: CallbackRequest) -> list[Receipt | Inbound]:
        raise NotImplementedError("The fake takes no callbacks: tests hand receipts in.")

    def poll(self, cursor: str | None) -> ReceiptPage | None:
        self.cursors.append(cursor)
        return self.pages.pop(0) if self.pages else None

    def suppress(self, channel: ChannelName, address: str) -> None:
        self.suppressed.append(address)

    def subscribe(self, channel: ChannelName, address: str, consented_at: datetime) -> bool:
        self.subscribed.append((address, consented_at))
        return True

    def upsert_profile(self, person: Person, formerly: str | None) -> None:
        self.profiles.append((person, formerly))
        if self.on_profile is not None:
            self.on_profile(person)
        if self.refuses is not None:
            raise self.refuses

    def erase(self, address: str) -> None:
        self.erased.append(address)

    def test(self) -> ChannelHealth:
        return ChannelHealth(ok=True, sentence="A fake that works.")

    def _id(self) -> str:
        return f"SM{len(self.out):032d}"


def bodies(channel: FakeChannel) -> Sequence[str]:
    """What went out, as texts."""
    return [message.body for message in channel.out]
