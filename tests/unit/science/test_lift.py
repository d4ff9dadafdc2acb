"""What a message changed: each figure against a published one or one of our own making, and its
interval against experiments in which nothing was changed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_ind

from app.science import mismatch
from app.science.cuped import NotBefore, clearer_difference
from app.science.intervals import Interval
from app.science.pooled import pool
from app.science.rates import people_needed, rate_difference
from app.science.revenue import FEW_BUYERS, Arm, Moments, moments, revenue_difference, welch

counts = st.integers(1, 400).flatmap(lambda of: st.tuples(st.integers(0, of), st.just(of)))


@pytest.mark.parametrize(
    ("treated", "held_out", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_the_interval_of_two_rates_is_newcombes(
    treated: tuple[int, int], held_out: tuple[int, int], low: float, high: float
) -> None:
    """His table II, method 10 (Statistics in Medicine 17, 1998)."""
    found = rate_difference(treated, held_out)

    assert (found.low, found.high) == pytest.approx((low, high), abs=6e-5)


@given(counts, counts)
def test_an_interval_holds_its_difference_and_turns_with_the_arms(
    treated: tuple[int, int], held_out: tuple[int, int]
) -> None:
    found, turned = rate_difference(treated, held_out), rate_difference(held_out, treated)

    assert -1 <= found.low <= found.difference <= found.high <= 1
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low))


@pytest.mark.parametrize("arm", [(0, 0), (3, 2), (-1, 5)])
def test_a_rate_of_nobody_is_refused(arm: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="is no rate"):
        rate_difference(arm, (1, 2))


def test_as_many_as_needed_show_the_difference_four_times_in_five() -> None:
    base, relative, random = 0.1, 0.3, np.random.default_rng(1)
    held_out = people_needed(base, relative, held_out=0.2)

    shown = 0
    for _ in range(3_000):
        treated = int(random.binomial(4 * held_out, base * (1 + relative)))
        silent = int(random.binomial(held_out, base))
        shown += rate_difference((treated, 4 * held_out), (silent, held_out)).low > 0

    assert shown / 3_000 == pytest.approx(0.8, abs=0.03)
    assert people_needed(0.006, 0.2) > 30_000
    with pytest.raises(ValueError, match="two different rates"):
        people_needed(0.9, 0.2)


def test_a_difference_of_unlike_variances_is_welchs() -> None:
    """Against scipy's."""
    random = np.random.default_rng(2)
    first, second = random.gamma(1, 9, 400), random.gamma(2, 3, 90)

    found = welch(Arm(400, first).moments(), Arm(90, second).moments())

    theirs = ttest_ind(first, second, equal_var=False).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))


def covered(buyers: int, effect: float, runs: int = 150) -> tuple[float, float]:
    """How often our interval and Welch's hold the truth, with about so many holdout buyers."""
    random, rate = np.random.default_rng(3), buyers / 1_000
    truth = rate * np.exp(4.5) * effect
    ours = welchs = 0
    for seed in range(runs):
        treated = Arm(9_000, random.lognormal(4, 1, random.binomial(9_000, rate)) * (1 + effect))
        silent = Arm(1_000, random.lognormal(4, 1, random.binomial(1_000, rate)))
        found = revenue_difference(treated, silent, seed)
        plain = welch(treated.moments(), silent.moments())
        ours += found.low <= truth <= found.high
        welchs += plain.low <= truth <= plain.high
    return ours / runs, welchs / runs


@pytest.mark.parametrize("effect", [0.0, 0.5])
def test_an_interval_of_revenue_holds_the_truth_where_few_have_bought(effect: float) -> None:
    ours, welchs = covered(4, effect)

    assert 0.91 <= ours <= 1.0
    assert welchs < ours - 0.03


def test_with_many_buyers_it_is_welchs() -> None:
    many = Arm(500, np.full(FEW_BUYERS, 20.0))
    few = Arm(500, np.full(FEW_BUYERS - 1, 20.0))

    assert revenue_difference(many, many) == welch(many.moments(), many.moments())
    assert revenue_difference(many, few) != welch(many.moments(), few.moments())


def test_nobody_who_buys_is_no_difference_and_one_person_no_variance() -> None:
    nothing = revenue_difference(Arm(90, np.zeros(0)), Arm(10, np.zeros(0)))

    assert nothing == Interval(0, 0, 0)
    assert not nothing.is_clear
    with pytest.raises(ValueError, match="1 people"):
        moments(1, 5, 25)


def experiment(seed: int, effect: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What 400 people spent after and before, and which of them were treated."""
    random = np.random.default_rng(seed)
    before = random.gamma(2, 20, 400)
    after = 0.8 * before + random.normal(0, 10, 400)
    treated = random.random(400) < 0.5
    return after + effect * treated, before, treated


def clearer(seed: int, effect: float = 0.0) -> tuple[Interval, Interval, float]:
    after, before, treated = experiment(seed, effect)
    times = np.zeros(400)
    found = clearer_difference(after, before, treated, earlier_until=times, assigned_at=times)
    arms = (after[treated], after[~treated])
    plain = welch(*(Moments(len(arm), arm.mean(), arm.var(ddof=1)) for arm in arms))
    return found.interval, plain, found.removed


def test_what_people_did_before_makes_a_difference_clearer_and_keeps_its_coverage() -> None:
    held = [clearer(seed, effect=3.0) for seed in range(300)]

    assert np.mean([found.low <= 3 <= found.high for found, _, _ in held]) >= 0.92
    assert np.mean([removed for *_, removed in held]) == pytest.approx(0.84, abs=0.03)
    width = [(found.high - found.low) / (plain.high - plain.low) for found, plain, _ in held]
    assert np.mean(width) == pytest.approx(0.4, abs=0.05)


def test_it_is_what_a_regression_on_both_arms_finds() -> None:
    after, before, treated = experiment(7)

    found = clearer(7)[0].difference

    slope = np.linalg.lstsq(np.column_stack([np.ones(400), before]), after, rcond=None)[0][1]
    rest = after - slope * before
    assert found == pytest.approx(rest[treated].mean() - rest[~treated].mean())


def test_an_earlier_figure_that_reaches_past_the_assignment_is_refused() -> None:
    after, before, treated = experiment(7)
    until = np.zeros(400)
    until[:3] = 5

    with pytest.raises(NotBefore, match="of 3 people"):
        clearer_difference(
            after, before, treated, earlier_until=until, assigned_at=np.full(400, 4.0)
        )


def test_an_earlier_figure_that_says_nothing_takes_nothing_off() -> None:
    after, _, treated = experiment(7)
    same = np.full(400, 12.0)

    found = clearer_difference(after, same, treated, earlier_until=same, assigned_at=same)

    assert found.removed == 0


def test_arms_that_are_not_as_large_as_they_should_be_raise_the_alarm() -> None:
    assert mismatch.mismatch((9_050, 950), (0.9, 0.1)) > mismatch.ALARM
    assert mismatch.mismatch((9_150, 850), (0.9, 0.1)) < mismatch.ALARM
    assert mismatch.mismatch((0, 0), (0.9, 0.1)) == 1
    with pytest.raises(ValueError, match="arms"):
        mismatch.mismatch((10, 10), (0.9, 0.2))


def test_stores_that_agree_are_pooled_by_how_exactly_each_is_known() -> None:
    exact, rough = Interval(2.0, 1.0, 3.0), Interval(2.6, -1.4, 6.6)

    found = pool([exact, rough])

    assert found.differ == 0
    assert 2.0 < found.interval.difference < 2.1
    assert found.interval.high - found.interval.low < 2


def test_stores_that_differ_are_pooled_with_a_wider_interval() -> None:
    apart = [Interval(effect, effect - 1, effect + 1) for effect in (0.0, 6.0, 12.0)]

    found = pool(apart)

    assert found.differ > 0.9
    assert found.interval.difference == pytest.approx(6)
    assert found.interval.low < 0
    assert found.interval.high > 12
    with pytest.raises(ValueError, match="no figure"):
        pool([])
