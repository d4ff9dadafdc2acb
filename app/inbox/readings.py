"""How far each resource of a shop has been read since its history, and what came only that way."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import case, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Session

from app import clock
from app.customers import Change, ChangeKind
from app.models import PollCursor
from app.platforms import Resource
from app.tenancy import store_of

RECENT = timedelta(days=1)
"""What is missed within it of the last is one gap."""
_NAME = "shop:"
_NEWS = {
    Resource.ORDERS: {ChangeKind.ORDER_PLACED, ChangeKind.ORDER_CHANGED},
    Resource.CUSTOMERS: {ChangeKind.CUSTOMER_CREATED},
}
"""What a webhook should have told. Of a product a shop changes much that it tells nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All before `since` is read, and from there to `cursor`. `first`: nothing was read before.

    `missed` is how many changes no webhook had told, from `missed_from` to `missed_at`.
    """

    since: str
    until: str | None = None
    cursor: str | None = None
    first: bool = False
    missed: int = 0
    missed_from: str | None = None
    missed_at: str | None = None

    @property
    def latest_miss(self) -> datetime | None:
        return datetime.fromisoformat(self.missed_at) if self.missed_at else None


def readings(session: Session) -> dict[Resource, Reading]:
    """What has been read so far; empty before the first look."""
    mine = select(PollCursor).where(
        PollCursor.store_id == store_of(session), PollCursor.name.startswith(_NAME)
    )
    return {
        Resource(row.name.removeprefix(_NAME)): Reading(**json.loads(row.cursor))
        for row in session.scalars(mine)
    }


def gaps(session: Session) -> dict[str, int]:
    """Over all stores: at how many something of this resource was missed within a day."""
    # Only these rows hold JSON, and PostgreSQL may look at the others first.
    missed_at = case(
        (PollCursor.name.startswith(_NAME), cast(PollCursor.cursor, JSONB)["missed_at"].astext)
    )
    resource = func.substr(PollCursor.name, len(_NAME) + 1)
    rows = session.execute(
        select(resource, func.count())
        .where(missed_at > (clock.now() - RECENT).isoformat())
        .group_by(resource)
    )
    return {name: count for name, count in rows.all()}  # noqa: C416 - a row is no pair to mypy.


def keep_reading(session: Session, resource: Resource, reading: Reading) -> None:
    values = {"cursor": json.dumps(asdict(reading)), "read_at": clock.now()}
    session.execute(
        insert(PollCursor)
        .values(store_id=store_of(session), name=f"{_NAME}{resource}", **values)
        .on_conflict_do_update(index_elements=["store_id", "name"], set_=values)
    )


def count_missed(reading: Reading, resource: Resource, changes: Sequence[Change]) -> Reading:
    """The reading with what nobody had told us of. A first one finds what came while the webhooks
    were being made, which is nobody's gap."""
    news = [change for change in changes if change.kind in _NEWS.get(resource, ())]
    count = len({change.values.get("order_key", change.customer_id) for change in news})
    if not count or reading.first:
        return reading
    latest = reading.latest_miss
    going_on = latest is not None and clock.now() - latest < RECENT
    began = min(change.occurred_at for change in news).isoformat()
    return replace(
        reading,
        missed=count + (reading.missed if going_on else 0),
        missed_from=(reading.missed_from if going_on else None) or began,
        missed_at=clock.now().isoformat(),
    )
