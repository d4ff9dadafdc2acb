"""Learning from all a store has sold: when, from what, and what is kept of it.

Everybody is told anew each day, after the day's walk; which way to tell them is learnt and judged
once a week, by one worker. What was learnt is a few numbers, kept as JSON.
"""

from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import bindparam, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.customers.bought import read_bought
from app.models import Forecast, Store
from app.models.rows import STORE, table_of
from app.science.clusters import Clusters
from app.science.contest import Ground
from app.science.rfm import Bounds
from app.science.study import Study
from app.stores.settings import read_settings
from app.tenancy import store_of

DAYS = 90
"""How far every forecast looks ahead, and how long is held back to judge it."""
RUNS = 12
_WEEK = timedelta(days=6.5)
"""Half a day less, because no two nights begin at the same moment."""
_LEASE = timedelta(hours=1)
"""Far longer than it takes: after it the worker is dead, or cannot learn from this store."""
_STUDY: TypeAdapter[Study] = TypeAdapter(Study)
_FORECASTS = table_of(Forecast)
_CLAIM = (
    update(Forecast)
    .where(
        Forecast.store_id == STORE,
        Forecast.due_at <= bindparam("now"),
        Forecast.learn_at <= bindparam("now"),
    )
    .values(due_at=bindparam("lease"), learn_at=bindparam("lease"))
    .returning(Forecast.due_at)
)


def ground_of(session: Session, store: Store, now: datetime, days: int = DAYS) -> Ground:
    """All that a store has sold until `now`, for `science.study`."""
    bought = read_bought(session, store, now)
    chosen = read_settings(store.settings).standing
    bounds = Bounds(chosen.recency_days, chosen.orders)
    return Ground(bought=bought.purchases, day=bought.today, days=days, bounds=bounds)


def claim_learning(session: Session, now: datetime) -> datetime | None:
    """Until when it is ours to learn; None when that is not due."""
    kept = session.get(Forecast, store_of(session))
    if kept is not None and _is_to_be_told(kept, now) and _is_unreadable(kept):
        learn_again(session, now)
    lease = now + _LEASE
    return session.scalar(_CLAIM, {"store": store_of(session), "now": now, "lease": lease})


def is_due_to_tell(session: Session, now: datetime) -> bool:
    """The caller holds the store's lock (`apply.open_batch`), as whoever asks for forecasts does;
    and from now on the row, so that nobody begins to learn while a part is told."""
    kept = session.get(Forecast, store_of(session), with_for_update=True, populate_existing=True)
    return kept is not None and _is_to_be_told(kept, now)


def _is_to_be_told(kept: Forecast, now: datetime) -> bool:
    return kept.due_at is not None and kept.due_at <= now < kept.learn_at


def _is_unreadable(kept: Forecast) -> bool:
    """What an earlier version has learnt: to tell by it would be to tell nobody anything."""
    return kept.study is not None and study_of(kept) is None


def ask_for_forecasts(session: Session, now: datetime) -> None:
    """Have everybody told anew soon."""
    asked = insert(_FORECASTS).values(store_id=store_of(session), due_at=now, learn_at=now, runs=[])
    due_at = func.coalesce(_FORECASTS.c.due_at, asked.excluded.due_at)
    session.execute(
        asked.on_conflict_do_update(index_elements=["store_id"], set_={"due_at": due_at})
    )


def learn_again(session: Session, now: datetime) -> None:
    """There is a history that was not there before, or there are other bounds."""
    mine = Forecast.store_id == store_of(session)
    session.execute(update(Forecast).where(mine).values(learn_at=now))


def put_off_forecasts(session: Session) -> None:
    """Nobody of a store that has left is told anything."""
    kept = session.get(Forecast, store_of(session))
    if kept is not None:
        kept.due_at = None


def keep_study(session: Session, found: Study, now: datetime, lease: datetime) -> None:
    """Tell everybody by this from now on. There is nothing to learn for a week, unless a history
    was read while this was learnt."""
    kept = session.get_one(
        Forecast, store_of(session), with_for_update=True, populate_existing=True
    )
    kept.study = _STUDY.dump_python(found, mode="json")
    kept.runs = [_in_short(found, now), *kept.runs][:RUNS]
    kept.learnt_at, kept.told_to = now, None
    if kept.due_at == lease:
        kept.due_at = now
    if kept.learn_at == lease:
        kept.learn_at = now + _WEEK


def study_of(kept: Forecast | None) -> Study | None:
    """None before the first, and for one that an earlier version has written otherwise."""
    if kept is None or kept.study is None:
        return None
    try:
        return _STUDY.validate_python(kept.study)
    except ValidationError:
        return None


def clusters_before(session: Session) -> Clusters | None:
    """Those whose letters are to be kept."""
    before = study_of(session.get(Forecast, store_of(session)))
    return before.learnt.clusters if before else None


def _in_short(found: Study, now: datetime) -> dict[str, Any]:
    told: dict[str, Any] = {"at": now.isoformat(), "buyers": found.buyers}
    if found.contest is None:
        return told | {"problem": found.problem}
    judged = found.contest.judged[found.contest.winner]
    figures = {name: getattr(judged, name) for name in ("people", "auc", "brier", "skill", "lift")}
    return told | {"way": found.contest.winner, **figures}
