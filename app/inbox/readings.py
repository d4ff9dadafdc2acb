"""How far each resource of a shop has been read since its history, and what came only that way."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.customers import Change, ChangeKind
from app.models import PollCursor
from app.platforms import Resource
from app.stores.cursors import keep_cursor, read_cursors

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
    left = read_cursors(session, _NAME)
    return {Resource(name): Reading(**cursor) for name, cursor in left.items()}


def gaps(session: Session) -> dict[str, int]:
    """Over all stores: at how many something of this resource was missed within a day."""
    missed_at = PollCursor.cursor["missed_at"].astext
    resource = func.substr(PollCursor.name, len(_NAME) + 1)
    rows = session.execute(
        select(resource, func.count())
        .where(
            PollCursor.name.startswith(_NAME),
            missed_at > (clock.now() - RECENT).isoformat(),
        )
        .group_by(resource)
    )
    return {name: count for name, count in rows.all()}  # noqa: C416 - a row is no pair to mypy.


def keep_reading(session: Session, resource: Resource, reading: Reading) -> None:
    keep_cursor(session, f"{_NAME}{resource}", asdict(reading))


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
