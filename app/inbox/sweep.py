"""Finding the work that lost its nudge: reads one index per duty, asks again, changes nothing."""

from uuid import UUID

from sqlalchemy import select

from app import clock, jobs
from app.inbox.due import due_work
from app.models import Store, StoreStatus
from app.points import Point, pass_point
from app.tenancy import platform_transaction


def nudge_all() -> int:
    """Nudge every store and duty with due work; returns how many nudges were asked for."""
    found = due_stores()
    pass_point(Point.WORK_FOUND)
    for duty, store_ids in found.items():
        jobs.nudge(duty, *store_ids)
    return sum(map(len, found.values()))


def due_stores() -> dict[str, set[UUID]]:
    """The stores with due work, by duty."""
    found: dict[str, set[UUID]] = {duty: set() for duty in jobs.DUTIES}
    with platform_transaction("find stores with due work") as session:
        for due in due_work(clock.now()):
            stores = select(due.since.class_.store_id).where(due.is_due).distinct()
            found[due.duty].update(session.scalars(stores))
    return found


def active_stores() -> list[UUID]:
    """Every store that is connected now."""
    with platform_transaction("list the connected stores") as session:
        return list(
            session.scalars(select(Store.store_id).where(Store.status == StoreStatus.ACTIVE))
        )


def all_stores() -> list[UUID]:
    """Every store there ever was: what is kept of one that left grows old as well."""
    with platform_transaction("list every store") as session:
        return list(session.scalars(select(Store.store_id)))
