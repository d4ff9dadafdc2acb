"""What the parts of one `apply` share: the facts, the people they are about, what has changed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.customers.changes import Change, ChangeKind
from app.customers.facts import Told
from app.models.rows import Row


@dataclass(slots=True)
class Batch:
    """`people` are the rows of every customer involved, folded in memory and written once; `before`
    is how they were. `regard` names the customers whose orders and carts may bear on one another
    now. `nameless`: an order with a cart names nobody; `orders_of` says whose such orders are.
    `counted`: people whose figures need no look at the table, and when each first bought.
    `replay` is set while the log itself is being read again: nothing is logged or announced.
    """

    session: Session
    store_id: UUID
    currency: str
    now: datetime
    told: list[Told]
    replay: bool = False
    people: dict[UUID, Row] = field(default_factory=dict)
    before: dict[UUID, Row] = field(default_factory=dict)
    customer_of: dict[str, UUID] = field(default_factory=dict)
    cart_of: dict[str, UUID] = field(default_factory=dict)
    regard: set[UUID] = field(default_factory=set)
    nameless: bool = False
    orders_of: dict[str, UUID] = field(default_factory=dict)
    counted: dict[UUID, datetime | None] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    def note(
        self, kind: ChangeKind, customer_id: UUID | None, behind: Iterable[Told], **values: Any
    ) -> None:
        """Put a change on the list. It is as live, and as late, as the newest fact behind it."""
        facts = list(behind)
        self.changes.append(
            Change(
                kind=kind,
                customer_id=customer_id,
                occurred_at=max((one.at for one in facts), default=self.now),
                live=any(one.live for one in facts),
                values=values,
            )
        )

    def by_customer(self) -> dict[UUID, list[Told]]:
        found: defaultdict[UUID, list[Told]] = defaultdict(list)
        for one in self.told:
            if (customer_id := self.customer_of.get(one.key)) is not None:
                found[customer_id].append(one)
        return found
