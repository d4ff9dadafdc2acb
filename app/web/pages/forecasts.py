"""How good what is predicted is: which way is used, on how many people, and what it still lacks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.customers import study_of
from app.customers.bought import FIRST_DAY
from app.customers.predictions import CLUSTERS
from app.models import Forecast, Prediction
from app.science import gates
from app.science.clusters import STABLE
from app.science.contest import Contest
from app.science.forecaster import Contender
from app.science.gates import Gate
from app.science.judging import Judgement
from app.science.study import Study
from app.tenancy import store_of
from app.web.access import guard, store_session

forecasts = Blueprint("forecasts", __name__, url_prefix="/forecasts")
guard(forecasts)

_NEEDED = {
    Gate.BUYERS: gates.BUYERS,
    Gate.HISTORY: gates.DAYS,
    Gate.RECENT: gates.SILENT_DAYS,
    Gate.REPEATERS: gates.OFTEN,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A judgement as a row of a table. `told`: the mean of what was told; `bought`: who did."""

    way: Contender
    judged: Judgement

    @property
    def told(self) -> float:
        return sum(one.people * one.told for one in self.judged.bins) / self.judged.people

    @property
    def bought(self) -> float:
        return self.judged.happened / self.judged.people


@forecasts.get("")
def page() -> ResponseReturnValue:
    with store_session() as (session, store):
        kept = session.get(Forecast, store.store_id)
        found = study_of(kept)
        return render_template(
            "pages/forecasts.html",
            kept=kept,
            study=found,
            gates=[(gate, _NEEDED[gate], there) for gate, there in _missing(found)],
            clusters=_clusters(found) if found else [],
            stable=STABLE,
            **(_held(found.contest) if found and found.contest else {}),
        ), 200


def prediction_of(session: Session, customer_id: UUID) -> dict[str, Any]:
    """What a person's page shows: what is predicted, when that was, and how good it has been."""
    store_id = store_of(session)
    row = session.execute(
        select(Prediction, Forecast.told_at, Forecast.runs)
        .join(Forecast, Forecast.store_id == Prediction.store_id)
        .where(Prediction.store_id == store_id, Prediction.customer_id == customer_id)
    ).one_or_none()
    if row is None:
        return {"prediction": None}
    last = row.runs[0] if row.runs else {}
    told_at: datetime | None = row.told_at
    return {"prediction": row.Prediction, "told_at": told_at, "last_run": last}


def _missing(found: Study | None) -> list[tuple[Gate, int]]:
    return list(found.missing.items()) if found else []


def _held(contest: Contest) -> dict[str, Any]:
    winner = contest.winner
    return {
        "contest": contest,
        "best": Told(winner, contest.judged[winner]),
        "ways": [Told(way, judged) for way, judged in contest.judged.items()],
        "year_ago": Told(winner, contest.year_ago) if contest.year_ago else None,
        "cut": FIRST_DAY + timedelta(days=contest.cut),
    }


def _clusters(found: Study) -> list[dict[str, Any]]:
    clusters = found.learnt.clusters
    if clusters is None:
        return []
    traits = dict(zip(clusters.numbers, clusters.traits, strict=True))
    return [
        {
            "letter": CLUSTERS[number - 1],
            "people": people,
            "share": people / found.buyers,
            "traits": traits[number],
        }
        for number, people in found.sizes.items()
    ]
