"""Making a wave: once a day it is counted what a trial has brought so far, and from that its shares
are worked out, unless they are fixed.

A wave is never changed: who is drawn by it is drawn the same way again, by whichever worker.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from app.experiments.counting import count_ways
from app.experiments.judged import judge
from app.experiments.trial import Count, Trial
from app.experiments.waves import TRIAL_FOUND
from app.models import Wave
from app.models.rows import add
from app.science.bandit import Prior, Seen, prior_of, shares
from app.tenancy import store_of


def make_wave(session: Session, trial: Trial, day: date, now: datetime) -> None:
    """The wave of `day`, unless it is there already."""
    counts, seed = count_ways(session, trial, now), seed_of(trial, day)
    prior = prior_of(past(session, trial))
    parts = share_out(trial, counts, prior, seed)
    row = {
        "store_id": store_of(session),
        "flow_id": trial.flow_id,
        "step": trial.step,
        "day": day,
        "made_at": now,
        "reward": trial.learning.reward,
        "seed": seed,
        "hits": prior.hits,
        "misses": prior.misses,
        "shares": parts,
        "found": TRIAL_FOUND.dump_python(judge(counts, parts), mode="json"),
    }
    add(session, Wave, [row])


def seed_of(trial: Trial, day: date) -> int:
    text = f"wave/{trial.flow_id}/{trial.step}/{day.isoformat()}"
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")


def share_out(
    trial: Trial, counts: Mapping[str, Count], prior: Prior, seed: int
) -> dict[str, float]:
    """By way. The same counts, prior and seed give the same shares."""
    if trial.shares is not None:
        return dict(trial.shares)
    seen = [Seen(counts[way].sent, counts[way].answered) for way in trial.ways]
    found = shares(seen, prior, seed).tolist()
    return dict(zip(trial.ways, found, strict=True))


def past(session: Session, trial: Trial) -> Sequence[Seen]:
    """The ways of the store's other trials for the same reward, as last counted."""
    waves = session.scalars(
        select(Wave)
        .ext(distinct_on(Wave.flow_id, Wave.step))
        .where(
            Wave.store_id == store_of(session),
            Wave.reward == trial.learning.reward,
            (Wave.flow_id != trial.flow_id) | (Wave.step != trial.step),
        )
        .order_by(Wave.flow_id, Wave.step, Wave.day.desc())
    )
    found = [TRIAL_FOUND.validate_python(wave.found) for wave in waves]
    return [Seen(way.count.sent, way.count.answered) for one in found for way in one.ways]
