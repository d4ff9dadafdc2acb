"""Learning from all a store has sold: when, from what, and what is kept of it.

Everybody is told anew each day, after the day's walk; which way to tell them is learnt and judged
once a week. What was learnt is a few numbers, kept as JSON.
"""

from datetime import datetime, timedelta
from enum import Enum
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
"""Far longer than it takes to learn: after it the worker is dead, or what was sold breaks us."""
_STUDY: TypeAdapter[Study] = TypeAdapter(Study)
_FORECASTS = table_of(Forecast)
_CLAIM = (
    update(Forecast)
    .where(Forecast.store_id == STORE, Forecast.due_at <= bindparam("now"))
    .values(due_at=bindparam("lease"))
    .returning(Forecast.store_id)
)


class Step(Enum):
    LEARN = "learn"
    TELL = "tell"


def ground_of(session: Session, store: Store, now: datetime, days: int = DAYS) -> Ground:
    """All that a store has sold until `now`, for `science.study`."""
    bought = read_bought(session, store, now)
    chosen = read_settings(store.settings).standing
    bounds = Bounds(chosen.recency_days, chosen.orders)
    return Ground(bought=bought.purchases, day=bought.today, days=days, bounds=bounds)


def next_step(session: Session, now: datetime) -> Step | None:
    """What of the night's work is next."""
    kept = session.get(Forecast, store_of(session), populate_existing=True)
    if kept is None or kept.due_at is None or kept.due_at > now:
        return None
    return Step.LEARN if kept.learn_at <= now or study_of(kept) is None else Step.TELL


def claim_learning(session: Session, now: datetime) -> bool:
    """Whether it is time to learn, and ours to do for a while: nobody else is asked meanwhile."""
    if next_step(session, now) is not Step.LEARN:
        return False
    asked = {"store": store_of(session), "now": now, "lease": now + _LEASE}
    return session.scalar(_CLAIM, asked) is not None


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


def keep_study(session: Session, found: Study, now: datetime) -> None:
    """Tell everybody by this from now on; `now` is when the learning began. Who has asked since to
    learn again has meant what came later."""
    kept = session.get_one(Forecast, store_of(session))
    kept.study = _STUDY.dump_python(found, mode="json")
    kept.runs = [_in_short(found, now), *kept.runs][:RUNS]
    kept.learnt_at, kept.told_to, kept.due_at = now, None, now
    if kept.learn_at <= now:
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
