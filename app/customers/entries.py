"""What a person's timeline is made of: a moment, what kind of thing it was, and values of ours.

The words are found where an entry is shown, in the reader's language. Must never carry an address.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.errors import InvalidInput


class EntryKind(StrEnum):
    """What an entry tells of. Those that come from the event log are called as their facts."""

    CUSTOMER_SEEN = "customer_seen"
    CUSTOMER_DELETED = "customer_deleted"
    ORDER_SEEN = "order_seen"
    ORDER_DELETED = "order_deleted"
    REFUND_SEEN = "refund_seen"
    CART_SEEN = "cart_seen"
    CUSTOMER_ACTED = "customer_acted"
    CART_ENDED = "cart_ended"
    CONSENT = "consent"
    CLICK = "click"
    DECISION = "decision"
    MESSAGE = "message"
    MERGE = "merge"
    CREDIT = "credit"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an entry stands: by its moment, and within one by its id, which keeps the order in
    which rows were written."""

    at: datetime
    entry_id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}_{self.entry_id}"

    @classmethod
    def read(cls, text: str) -> "Place":
        """The place that was written as `text`. Raises InvalidInput."""
        at, _, entry_id = text.strip().partition("_")
        try:
            place = cls(datetime.fromisoformat(at), UUID(entry_id))
        except ValueError:
            place = None
        if place is None or place.at.tzinfo is None:
            raise InvalidInput("before", "give the place that the page before has named")
        return place


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing on record. `entry_id` is the id of the row that tells it: the decision, message,
    consent, touch, credit, cart, logged fact, or the row a merge took away. `state` is what it came
    to: an outcome, a status."""

    at: datetime
    entry_id: UUID
    kind: EntryKind
    state: str | None = None
    source: str | None = None
    flow_id: UUID | None = None
    message_id: UUID | None = None
    order_key: str | None = None
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        return Place(self.at, self.entry_id)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries, newest first; `older` is where the next page begins, None on the last."""

    entries: list[Entry]
    older: Place | None
