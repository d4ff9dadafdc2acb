"""Who enters because of time alone: silences, days of the calendar, conditions newly met.

People are found as sets, in SQL, and answered at the same door as everybody else. Nobody is asked
twice about one silence, day or membership: each leaves a journey or a refusal behind.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Text,
    and_,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.orm import Session

from app.customers import load_snapshots
from app.flows import definition as d
from app.flows.door import let_in
from app.flows.entry import Knock
from app.flows.known import KnownFlow, open_flows
from app.flows.localtime import moment_of
from app.flows.members import remember_members
from app.models import Backfill, Customer, Decision, FlowStatus, Journey, Store
from app.segments import matching, needs_journey, of_everybody
from app.trouble import is_passing, place_of

BATCH = 500
_ROUNDS = 40
People = Select[UUID, str, datetime | None]
Moment = ColumnElement[datetime] | ColumnElement[datetime | None]
_FURTHEST_DAYS = timedelta(days=7)
"""However long an event of a flow stays fresh: each day is a statement at every look."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
_log = structlog.get_logger(__name__)


def enter_due(session: Session, store: Store, now: datetime) -> int:
    """Let in whoever is due by now; how many entered."""
    return sum(_let_in_by(session, store, flow, now) for flow in _asked(session, store))


def _let_in_by(session: Session, store: Store, flow: KnownFlow, now: datetime) -> int:
    """One flow that breaks us holds up neither the others nor the store's carts."""
    try:
        with session.begin_nested():
            due = _due(session, store, flow, now)
            return sum(_enter(session, store, knocks, now) for knocks in due)
    except Exception as error:
        if is_passing(error):
            raise
        told = {"store_id": str(store.store_id), "flow_id": str(flow.flow_id)}
        _log.error("flow_failed", **told, error=type(error).__name__, place=place_of(error))
        return 0


def _asked(session: Session, store: Store) -> list[KnownFlow]:
    """The active flows. Who meets a condition is not known before the history is read to its end:
    until then a person of the past looks like a newcomer."""
    active = [flow for flow in open_flows(session, store) if flow.status == FlowStatus.ACTIVE]
    if not _reads_history(session, store):
        return active
    return [flow for flow in active if not isinstance(flow.definition.trigger, d.SegmentTrigger)]


def _reads_history(session: Session, store: Store) -> bool:
    unfinished = exists().where(Backfill.store_id == store.store_id, Backfill.finished_at.is_(None))
    return bool(session.scalar(select(unfinished)))


def reach(session: Session, store: Store, flow: KnownFlow, back_to: datetime, now: datetime) -> int:
    """How many people a flow would reach whose moment is past already, since `back_to`."""
    statement = _backlog(session, store, flow, back_to, now)
    if statement is None:
        return 0
    with of_everybody(session):
        return session.scalar(select(func.count()).select_from(statement.subquery())) or 0


def enter_backlog(
    session: Session, store: Store, flow: KnownFlow, back_to: datetime, now: datetime
) -> int:
    """Let those people in as well: the merchant has seen their number and agreed."""
    entered = 0
    statement = _backlog(session, store, flow, back_to, now)
    for _ in range(_ROUNDS * 50):
        rows = _next(session, statement) if statement is not None else []
        knocks = [
            Knock(flow=flow, customer_id=customer_id, key=key, occurred_at=now)
            for customer_id, key, _ in rows
        ]
        entered += _enter(session, store, knocks, now)
        if len(rows) < BATCH:
            break
    return entered


def _due(
    session: Session, store: Store, flow: KnownFlow, now: datetime
) -> Iterator[Sequence[Knock]]:
    """Everybody who is due, in batches; each must be answered before the next is asked for."""
    match flow.definition.trigger:
        case d.SegmentTrigger():
            moved = remember_members(session, store, flow, now)
            for start in range(0, len(moved), BATCH):
                yield [
                    Knock(
                        flow=flow,
                        customer_id=customer_id,
                        key=f"member:{now.isoformat()}",
                        occurred_at=now,
                    )
                    for customer_id in moved[start : start + BATCH]
                ]
        case d.InactivityTrigger() as trigger:
            yield from _rounds(session, flow, _silent(store, flow, trigger, _begun(flow), now))
        case d.DateTrigger() as trigger:
            inside = _inside_filter(session, store, flow, now)
            for when in _days(store, flow, trigger, now):
                statement = _on_their_day(store, flow, trigger, when, inside)
                yield from _rounds(session, flow, statement)


def _rounds(session: Session, flow: KnownFlow, statement: People) -> Iterator[Sequence[Knock]]:
    for _ in range(_ROUNDS):
        rows = _next(session, statement)
        yield [
            Knock(flow=flow, customer_id=customer_id, key=key, occurred_at=at)
            for customer_id, key, at in rows
            if at is not None
        ]
        if len(rows) < BATCH:
            return


def _next(session: Session, statement: People) -> Sequence[Row[UUID, str, datetime | None]]:
    with of_everybody(session):
        return session.execute(statement.limit(BATCH)).all()


def _enter(session: Session, store: Store, knocks: Sequence[Knock], now: datetime) -> int:
    if not knocks:
        return 0
    people = load_snapshots(session, [knock.customer_id for knock in knocks], now)
    return let_in(session, store, knocks, dict(people), now)


def _begun(flow: KnownFlow) -> datetime:
    return flow.activated_at or _LONG_AGO


def _backlog(
    session: Session, store: Store, flow: KnownFlow, back_to: datetime, now: datetime
) -> People | None:
    """Nobody knows who left a segment before anybody looked."""
    match flow.definition.trigger:
        case d.InactivityTrigger() as trigger:
            return _silent(store, flow, trigger, back_to, now)
        case d.SegmentTrigger(condition=condition, left=False):
            key: ColumnElement[str] = literal("backlog")
            here = and_(
                Customer.customer_id.in_(matching(session, condition, store, now)),
                ~_answered(store, flow, key, literal(now)),
            )
            return _people(store, key, literal(now), here)
    return None


def _silent(
    store: Store, flow: KnownFlow, trigger: d.InactivityTrigger, since: datetime, now: datetime
) -> People:
    """Who has been silent for so many days, and passed that mark after `since`."""
    last = Customer.last_order_at if trigger.since == "last_order" else Customer.last_active_at
    days = timedelta(days=trigger.days)
    key = literal("silence:") + cast(
        cast(func.floor(func.extract("epoch", last)), BigInteger), Text
    )
    passed = last + days
    here = and_(last > since - days, last <= now - days, ~_answered(store, flow, key, passed))
    return _people(store, key, passed, here)


def _days(
    store: Store, flow: KnownFlow, trigger: d.DateTrigger, now: datetime
) -> Iterator[tuple[date, datetime]]:
    """Every day whose moment has come and is still fresh: yesterday's too, when nobody looked at
    it before midnight."""
    zone, fresh_for = ZoneInfo(store.timezone), flow.definition.fresh_for
    today = now.astimezone(zone).date()
    first = max((now - fresh_for).astimezone(zone).date(), today - _FURTHEST_DAYS)
    lately = [first + timedelta(days=after) for after in range((today - first).days + 1)]
    for day in [trigger.on] if trigger.on else lately:
        moment = moment_of(day, trigger.at, store.timezone)
        if moment <= now <= moment + fresh_for and moment >= _begun(flow):
            yield day, moment


def _inside_filter(
    session: Session, store: Store, flow: KnownFlow, now: datetime
) -> Select[UUID] | None:
    """A day is everybody's: a million people outside the filter shall leave no refusals."""
    condition = flow.definition.filter
    if condition is None or needs_journey(condition):
        return None
    return matching(session, condition, store, now)


def _on_their_day(
    store: Store,
    flow: KnownFlow,
    trigger: d.DateTrigger,
    when: tuple[date, datetime],
    inside: Select[UUID] | None,
) -> People:
    day, moment = when
    key: ColumnElement[str] = literal(f"day:{day.isoformat()}")
    here = ~_answered(store, flow, key, literal(moment))
    if inside is not None:
        here = and_(here, Customer.customer_id.in_(inside))
    if trigger.on is None:
        here = and_(here, _has_anniversary(trigger, store.timezone, when))
    return _people(store, key, literal(moment), here)


def _has_anniversary(
    trigger: d.DateTrigger, timezone: str, when: tuple[date, datetime]
) -> ColumnElement[bool]:
    own = (
        Customer.first_order_at
        if trigger.anniversary_of == "first_order"
        else Customer.first_seen_at
    )
    day, moment = when
    days = [f"{day:%m-%d}"]
    if days == ["02-28"] and (day + timedelta(days=1)).month == 3:
        days.append("02-29")  # Born on a leap day: celebrated the day before in other years.
    return and_(
        func.to_char(func.timezone(timezone, own), "MM-DD").in_(days),
        own < moment - timedelta(days=300),
    )


def _people(
    store: Store,
    key: ColumnElement[str],
    at: Moment,
    here: ColumnElement[bool],
) -> People:
    return select(Customer.customer_id, key.label("key"), at.label("at")).where(
        Customer.store_id == store.store_id, Customer.erased_at.is_(None), here
    )


def _answered(
    store: Store, flow: KnownFlow, key: ColumnElement[str], since: Moment
) -> ColumnElement[bool]:
    """Whether this person has entered with this key, or was refused since their moment came."""
    entered = exists().where(
        Journey.store_id == store.store_id,
        Journey.flow_id == flow.flow_id,
        Journey.customer_id == Customer.customer_id,
        Journey.entry_key == key,
    )
    refused = exists().where(
        Decision.store_id == store.store_id,
        Decision.customer_id == Customer.customer_id,
        Decision.flow_id == flow.flow_id,
        Decision.journey_id.is_(None),
        Decision.decided_at >= since,
    )
    return or_(entered, refused)
