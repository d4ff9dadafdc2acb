"""A provider's account whose calls are counted and timed; if it refuses us, word is kept of it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from uuid import UUID

from app import metrics
from app.channels import (
    Accepted,
    Advice,
    CallbackRequest,
    Channel,
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
from app.events import Person


class Timed:
    """`Channel`, handing every call on. `lost` hears why the whole account was refused a send."""

    def __init__(self, provider: str, channel: Channel, lost: Callable[[str], None]) -> None:
        self._provider = provider
        self._channel = channel
        self._lost = lost

    def send(self, message: OutgoingMessage) -> Accepted | Refused | Unknown:
        outcome = "defect"
        try:
            with metrics.timed(self._provider, "send"):
                answer = self._channel.send(message)
            outcome = type(answer).__name__.lower()
        finally:
            metrics.SENDS.labels(message.channel, outcome).inc()
        if isinstance(answer, Refused) and answer.advice is Advice.STOP_STORE:
            self._lost(answer.detail)
        return answer

    def look_up(self, message: OutgoingMessage) -> Accepted | NotFound | Unknown:
        with metrics.timed(self._provider, "look_up"):
            return self._channel.look_up(message)

    def sent_since(self, store_id: UUID, since: datetime) -> Iterator[Sent]:
        return self._channel.sent_since(store_id, since)

    def read_callback(self, request: CallbackRequest) -> list[Receipt | Inbound]:
        return self._channel.read_callback(request)

    def poll(self, cursor: str | None) -> ReceiptPage | None:
        with metrics.timed(self._provider, "poll"):
            return self._channel.poll(cursor)

    def suppress(self, channel: ChannelName, address: str) -> None:
        with metrics.timed(self._provider, "suppress"):
            self._channel.suppress(channel, address)

    def subscribe(self, channel: ChannelName, address: str, consented_at: datetime) -> bool:
        with metrics.timed(self._provider, "subscribe"):
            return self._channel.subscribe(channel, address, consented_at)

    def upsert_profile(self, person: Person, formerly: str | None) -> None:
        with metrics.timed(self._provider, "upsert_profile"):
            self._channel.upsert_profile(person, formerly)

    def erase(self, address: str) -> None:
        with metrics.timed(self._provider, "erase"):
            self._channel.erase(address)

    def test(self) -> ChannelHealth:
        return self._channel.test()
