"""Waves that learn: more of what brings more, never less than the floor, and never a guess."""

from datetime import date, timedelta
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.experiments import Learning, Reward, Trial, Winner
from app.experiments.judged import judge
from app.experiments.making import seed_of, share_out
from app.experiments.trial import Count
from app.flows.chance import way_of
from app.science.bandit import FLOOR, Prior

TRIAL = Trial(
    flow_id=UUID(int=3),
    step="subject",
    learning=Learning(reward=Reward.CLICKS, within=timedelta(days=3)),
    ways=("a", "b", "c"),
    sends=("subject",),
)
RATES = {"a": 0.05, "b": 0.10, "c": 0.06}
PEOPLE, DAYS, MATURE = 300, 30, 3
counts = st.integers(0, 400).flatmap(
    lambda sent: st.builds(Count, st.just(sent), st.just(sent), st.just(sent), st.integers(0, sent))
)


def day(number: int) -> date:
    return date(2026, 3, 2) + timedelta(days=number)


def drawn(shares: dict[str, float], wave: int) -> dict[str, int]:
    """How many of a day's people come into each way."""
    parts = [shares[way] for way in TRIAL.ways]
    places = [way_of(parts, "draw", wave, person) for person in range(PEOPLE)]
    return {way: places.count(place) for place, way in enumerate(TRIAL.ways)}


def test_with_rewards_that_come_days_later_waves_bring_more_than_equal_shares() -> None:
    random = np.random.default_rng(11)
    sent: list[dict[str, int]] = []
    answered: list[dict[str, int]] = []
    least = 1.0
    for wave in range(DAYS):
        over = range(max(wave - MATURE, 0))
        seen = {
            way: Count(0, 0, sum(sent[n][way] for n in over), sum(answered[n][way] for n in over))
            for way in TRIAL.ways
        }
        shares = share_out(TRIAL, seen, Prior(2, 38), seed_of(TRIAL, day(wave)))
        least = min(least, *shares.values())
        sent.append(drawn(shares, wave))
        answered.append({w: int(random.binomial(n, RATES[w])) for w, n in sent[-1].items()})

    rewards = sum(sum(one.values()) for one in answered)
    assert rewards > 1.2 * PEOPLE * DAYS * sum(RATES.values()) / 3
    assert least >= FLOOR - 1e-9
    assert min(sum(one[way] for one in sent) for way in TRIAL.ways) > 0.04 * PEOPLE * DAYS


@given(st.lists(counts, min_size=3, max_size=3), st.integers(0, 400))
@settings(max_examples=25)
def test_the_same_counts_on_the_same_day_give_the_same_shares(
    seen: list[Count], number: int
) -> None:
    by_way = dict(zip(TRIAL.ways, seen, strict=True))
    seed = seed_of(TRIAL, day(number))

    shares = share_out(TRIAL, by_way, Prior(), seed)

    assert shares == share_out(TRIAL, by_way, Prior(), seed)
    assert sum(shares.values()) == pytest.approx(1)
    assert seed != seed_of(TRIAL, day(number + 1))


@pytest.mark.parametrize(
    ("one", "other", "winner", "best"),
    [
        ((0, 0), (90, 9), Winner.NOBODY, None),
        ((100, 10), (100, 12), Winner.TOO_FEW, None),
        ((500, 25), (500, 70), Winner.CLEAR, "b"),
        ((20_000, 2_000), (20_000, 2_010), Winner.LEVEL, None),
    ],
)
def test_a_way_is_called_better_only_when_newcombe_says_so(
    one: tuple[int, int], other: tuple[int, int], winner: Winner, best: str | None
) -> None:
    seen = {"a": Count(9, 9, *one), "b": Count(9, 9, *other)}

    found = judge(seen, {"a": 0.5, "b": 0.5})

    assert (found.winner, found.best) == (winner, best)
    assert (found.needed is not None) is (winner in (Winner.TOO_FEW, Winner.LEVEL))
    assert found.ways[1].rate == pytest.approx(other[1] / other[0])
