"""People of whom nothing has been heard for as long as the merchant chose are forgotten (law 9).

So many a day and store, in rounds that let other work pass, one transaction for each person. Each
is asked about again under the store's lock, since they may have just come back. Must never forget
anybody while a history is still being read: it may tell of them.
"""

from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from app import clock, customers, jobs
from app.config import Config
from app.customers.apply import open_batch
from app.inbox.connection_facts import erase_person
from app.models import Customer, StoreStatus
from app.stores import backfill, lifecycle
from app.stores.cursors import keep_cursor, read_cursor
from app.stores.notices import tell_number
from app.stores.settings import read_settings
from app.tenancy import store_transaction
from app.trouble import is_passing, place_of

A_DAY, A_ROUND = 500, 50
KNOWN_FOR = timedelta(days=30)
"""Who has just connected a shop, or imported its past, has a month to see the setting."""

_NAME = "forgetting"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """How far a day has come. `untold`: forgotten, and the merchant has not been told."""

    day: str
    asked: int = 0
    untold: int = 0


def forget_silent(store_id: UUID, config: Config, a_day: int = A_DAY) -> int:
    """One round for one store, here or gone. Always 0, so that one job is one round: what is left
    of the day asks for a job of its own, behind everything that waits."""
    with store_transaction(store_id) as session:
        day, silence = _today(session), _silence(session)
        most = min(A_ROUND, a_day - day.asked)
        if silence is None or most <= 0:
            return 0
        people = customers.silent_people(session, silence, most)
        is_last = len(people) < most
        _keep(session, replace(day, asked=a_day if is_last else day.asked + most))
    forgotten = sum(_forget(store_id, customer_id, config) for customer_id in people)
    with store_transaction(store_id) as session:
        day = _today(session)
        day = replace(day, untold=day.untold + forgotten)
        is_over = day.asked >= a_day
        _keep(session, _told(session, day) if is_over else day)
    if forgotten:
        _log.info("people_forgotten", store_id=str(store_id), count=forgotten)
    if not is_over:
        jobs.nudge("retention", store_id)
    return 0


def _silence(session: Session) -> customers.Silence | None:
    """Since when nobody may have been heard of to be forgotten; None for never, and for not now."""
    store, now = lifecycle.this_store(session), clock.now()
    is_reading = any(row.finished_at is None for row in backfill.progress(session))
    months = read_settings(store.settings).forget_people_after_months
    if months is None or (is_reading and store.status == StoreStatus.ACTIVE):
        return None
    since = now - timedelta(days=months * 365 // 12)
    return customers.Silence(since=since, known_before=now - KNOWN_FOR)


def _today(session: Session) -> _Day:
    left = read_cursor(session, _NAME, lock=True)
    known = _Day(**left) if left else _Day(day="")
    today = clock.now().date().isoformat()
    return known if known.day == today else _Day(day=today, untold=known.untold)


def _keep(session: Session, day: _Day) -> None:
    keep_cursor(session, _NAME, asdict(day))


def _told(session: Session, day: _Day) -> _Day:
    """The day, once the merchant has been told: one notice a month, whose number grows."""
    if day.untold:
        months = read_settings(lifecycle.this_store(session).settings).forget_people_after_months
        kind, about = "people_forgotten", {"months": months}
        tell_number(session, f"{kind}:{day.day[:7]}", day.untold, kind=kind, about=about)
    return replace(day, untold=0)


def _forget(store_id: UUID, customer_id: UUID, config: Config) -> bool:
    """False when they are heard of again, or when it breaks: then the others still have a turn."""
    try:
        with store_transaction(store_id) as session:
            return _forget_if_silent(session, customer_id, config)
    except Exception as error:
        if is_passing(error):
            raise
        _log.error(
            "forgetting_failed",
            store_id=str(store_id),
            customer_id=str(customer_id),
            error=type(error).__name__,
            place=place_of(error),
        )
        return False


def _forget_if_silent(session: Session, customer_id: UUID, config: Config) -> bool:
    open_batch(session, clock.now())  # From here on nothing new is learned of anybody.
    silence = _silence(session)
    if silence is None or not customers.silent_people(session, silence, 1, of=[customer_id]):
        return False
    store = lifecycle.this_store(session)
    customer = session.get_one(Customer, (store.store_id, customer_id))
    erase_person(session, store, customer, config, silent=True)
    return True
