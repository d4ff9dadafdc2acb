"""Reading a shop's history, piece by piece, so that any stop can be continued.

A backfill only brings state up to date. It never starts a journey: its facts are not live.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from threading import Event
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock, jobs
from app.errors import AccessLost, ComebackError, Unreachable
from app.events import Fact
from app.models import Backfill
from app.platforms import Page, Resource, Shop
from app.points import Point, pass_point
from app.tenancy import store_of, store_transaction

LEASE = timedelta(minutes=5)
PATIENCE = timedelta(minutes=1)

Apply = Callable[[Session, Sequence[Fact]], None]
"""What to do with the facts of a page, inside the page's own transaction."""


def start(session: Session) -> None:
    """Begin (or begin anew) to read everything the shop has."""
    store_id, now = store_of(session), clock.now()
    for resource in Resource:
        row = {
            "status": "waiting",
            "cursor": None,
            "done": 0,
            "total": None,
            "due_at": now,
            "lease_until": None,
            "error": None,
            "started_at": now,
            "finished_at": None,
        }
        session.execute(
            insert(Backfill)
            .values(store_id=store_id, resource=resource, **row)
            .on_conflict_do_update(index_elements=["store_id", "resource"], set_=row)
        )
    jobs.nudge_after_commit(session, "sync", store_id)


def wake(session: Session) -> None:
    """The shop says that an export is ready: look now instead of at the next poll."""
    session.execute(
        update(Backfill)
        .where(Backfill.store_id == store_of(session), Backfill.finished_at.is_(None))
        .values(due_at=clock.now())
    )


def progress(session: Session) -> list[Backfill]:
    """Every resource's row, in reading order."""
    rows = session.scalars(select(Backfill).where(Backfill.store_id == store_of(session)))
    order = list(Resource)
    return sorted(rows, key=lambda row: order.index(Resource(row.resource)))


def wait_until_due(rows: Sequence[Backfill]) -> None:
    """For a command that reads on its own: wait for the shop, ten seconds at most."""
    next_at = min((row.due_at for row in rows if row.finished_at is None), default=clock.now())
    Event().wait(min(10.0, max(0.2, (next_at - clock.now()).total_seconds())))


def read_next(store_id: UUID, shop: Shop, apply: Apply) -> bool:
    """Read one page of the first unfinished resource. False when nothing is due."""
    claimed = _claim(store_id)
    if claimed is None:
        return False
    resource, cursor, done = claimed
    try:
        page = shop.read(resource, cursor)
    except ComebackError as error:
        _postpone(store_id, resource, error)
        return False
    pass_point(Point.HISTORY_READ)
    with store_transaction(store_id) as session:
        apply(session, page.facts)
        _record(session, resource, page, done)
    pass_point(Point.HISTORY_KEPT)
    return True


def _claim(store_id: UUID) -> tuple[Resource, str | None, int] | None:
    now = clock.now()
    with store_transaction(store_id) as session:
        unfinished = [row for row in progress(session) if row.finished_at is None]
        if not unfinished:
            return None
        # People before orders: only the first unfinished resource is ever read.
        taken = session.scalars(
            update(Backfill)
            .where(
                Backfill.store_id == store_id,
                Backfill.resource == unfinished[0].resource,
                Backfill.due_at <= now,
                or_(Backfill.lease_until.is_(None), Backfill.lease_until < now),
            )
            .values(lease_until=now + LEASE, status="reading")
            .returning(Backfill)
        ).first()
        return (Resource(taken.resource), taken.cursor, taken.done) if taken else None


def _record(session: Session, resource: Resource, page: Page, done: int) -> None:
    now = clock.now()
    finished = page.cursor is None
    session.execute(
        update(Backfill)
        .where(Backfill.store_id == store_of(session), Backfill.resource == resource)
        .values(
            cursor=page.cursor,
            done=page.done,
            total=page.total,
            status="finished" if finished else "reading",
            finished_at=now if finished else None,
            lease_until=None,
            error=None,
        )
    )
    _wait_until(session, now + timedelta(seconds=page.wait_seconds))


def _wait_until(session: Session, due_at: datetime) -> None:
    """All that is unread waits together: what comes later cannot be read any sooner, and a row
    that is due while nothing can be read would be swept up again and again."""
    session.execute(
        update(Backfill)
        .where(Backfill.store_id == store_of(session), Backfill.finished_at.is_(None))
        .values(due_at=due_at)
    )


def put_off(store_id: UUID, error: ComebackError) -> None:
    """The shop could not even be opened: say why, and look again later."""
    with store_transaction(store_id) as session:
        unfinished = [row for row in progress(session) if row.finished_at is None]
    if unfinished:
        _postpone(store_id, Resource(unfinished[0].resource), error)


def _postpone(store_id: UUID, resource: Resource, error: ComebackError) -> None:
    wait = getattr(error, "retry_after", None) or PATIENCE.total_seconds()
    stopped = isinstance(error, AccessLost) or not isinstance(error, Unreachable)
    with store_transaction(store_id) as session:
        session.execute(
            update(Backfill)
            .where(Backfill.store_id == store_id, Backfill.resource == resource)
            .values(status="stopped" if stopped else "reading", error=str(error), lease_until=None)
        )
        _wait_until(session, clock.now() + timedelta(seconds=3600 if stopped else wait))
