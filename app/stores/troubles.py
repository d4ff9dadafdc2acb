"""A store's troubles: each begins once, ends once, and is told to the operator at both.

What comes and goes is one trouble: it is over when it has stayed away for half an hour, and the
more often it has come back within a day, the longer it must stay away, so that nobody hears of it
more than a few times a day. Must never tell an end whose beginning nobody was told.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models import OperatorCall, Trouble, new_id
from app.tenancy import store_of

BEGAN, ENDED = "began", "ended"
CALM = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=12))
"""How long it must stay away: the first time of a day, the second, every other."""
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Red:
    """Something that is red now. `values` fill its sentence, and count what it costs; with
    `everywhere` it is no more this store's than any other's."""

    code: str
    subject: str
    values: Mapping[str, Any]
    everywhere: bool = False


def settle(session: Session, red: Sequence[Red], ways: Collection[str], now: datetime) -> None:
    """Begin what is new, end what stays away, and ask for a word to the operator by each way."""
    known = {
        (trouble.code, trouble.subject): trouble
        for trouble in session.scalars(
            select(Trouble)
            .where(Trouble.store_id == store_of(session), Trouble.ended_at.is_(None))
            .with_for_update()
        )
    }
    here = {(one.code, one.subject): one for one in red}
    for key, one in here.items():
        if key not in known:
            _begin(session, one, ways, now)
    away = [trouble for key, trouble in known.items() if key not in here]
    for key in known.keys() & here.keys():
        known[key].gone_at = None
    if away:
        _let_go(session, away, now)


def _let_go(session: Session, away: Sequence[Trouble], now: datetime) -> None:
    """End those that have stayed away for long enough."""
    rows = session.execute(
        select(Trouble.code, Trouble.subject, func.count())
        .where(Trouble.store_id == store_of(session), Trouble.ended_at > now - DAY)
        .group_by(Trouble.code, Trouble.subject)
    )
    times = Counter({(code, subject): count for code, subject, count in rows})
    for trouble in away:
        trouble.gone_at = trouble.gone_at or now
        before = times[trouble.code, trouble.subject]
        if now - trouble.gone_at >= CALM[min(before, len(CALM) - 1)]:
            _end(session, trouble, now)


def _begin(session: Session, one: Red, ways: Collection[str], now: datetime) -> None:
    begun = session.scalar(
        insert(Trouble)
        .values(
            store_id=store_of(session),
            trouble_id=new_id(),
            code=one.code,
            subject=one.subject,
            finding={**one.values, "everywhere": True} if one.everywhere else dict(one.values),
            began_at=now,
        )
        # Another look may have begun it a moment ago.
        .on_conflict_do_nothing()
        .returning(Trouble)
    )
    if begun is not None:
        for way in ways:
            _ask(session, begun, BEGAN, way, now)


def _end(session: Session, trouble: Trouble, now: datetime) -> None:
    trouble.ended_at = trouble.gone_at
    untold = session.scalars(
        update(OperatorCall)
        .where(
            OperatorCall.store_id == trouble.store_id,
            OperatorCall.trouble_id == trouble.trouble_id,
            OperatorCall.done_at.is_(None),
            OperatorCall.lease_until.is_(None),
        )
        .values(done_at=now, error="it was over before it could be told")
        .returning(OperatorCall.way)
    ).all()
    told = select(OperatorCall.way).where(
        OperatorCall.store_id == trouble.store_id,
        OperatorCall.trouble_id == trouble.trouble_id,
        OperatorCall.event == BEGAN,
    )
    for way in set(session.scalars(told)) - set(untold):
        _ask(session, trouble, ENDED, way, now)


def _ask(session: Session, trouble: Trouble, event: str, way: str, now: datetime) -> None:
    session.add(
        OperatorCall(
            store_id=trouble.store_id,
            trouble_id=trouble.trouble_id,
            event=event,
            way=way,
            asked_at=now,
            due_at=now,
        )
    )
