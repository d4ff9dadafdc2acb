"""Which variant, which hour and which product: choices that learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.science.bandit import FLOOR, Prior, Seen, prior_of, shares
from app.science.hours import HOURS, choose, likely
from app.science.neighbours import neighbours

seen = st.integers(0, 500).flatmap(
    lambda sent: st.builds(Seen, st.just(sent), st.integers(0, sent))
)


@given(st.lists(seen, min_size=2, max_size=6), st.integers(0, 2**32))
def test_shares_make_a_whole_keep_the_floor_and_come_again_from_their_seed(
    variants: list[Seen], seed: int
) -> None:
    found = shares(variants, Prior(), seed)

    assert found.sum() == pytest.approx(1)
    assert (found >= FLOOR - 1e-12).all()
    assert (shares(variants, Prior(), seed) == found).all()


def test_what_is_answered_more_is_shown_more_and_nothing_known_is_shown_alike() -> None:
    better = shares([Seen(400, 20), Seen(400, 50)], Prior(), 1)
    unknown = shares([Seen(0, 0)] * 4, Prior(), 1)

    assert better[1] == pytest.approx(1 - FLOOR, abs=0.01)
    assert unknown == pytest.approx([0.25] * 4, abs=0.02)


def test_waves_find_the_better_subject_and_lose_little_on_the_way() -> None:
    rates, random = np.array([0.02, 0.03]), np.random.default_rng(8)
    sent, answered = np.zeros(2, int), np.zeros(2, int)
    for wave in range(20):
        state = [Seen(int(s), int(a)) for s, a in zip(sent, answered, strict=True)]
        parts = random.multinomial(500, shares(state, Prior(2, 78), wave))
        sent += parts
        answered += random.binomial(parts, rates)

    assert sent[1] > 0.7 * sent.sum()
    assert answered.sum() > rates.mean() * sent.sum()


def test_what_cannot_be_shown_is_refused() -> None:
    with pytest.raises(ValueError, match="more answers"):
        shares([Seen(1, 2)], Prior(), 0)
    with pytest.raises(ValueError, match="21 variants"):
        shares([Seen(0, 0)] * 21, Prior(), 0)


def test_the_stores_own_tests_say_what_a_rate_is_like() -> None:
    random = np.random.default_rng(9)
    rates = random.beta(3, 97, 300)
    past = [Seen(2_000, int(random.binomial(2_000, rate))) for rate in rates]

    found = prior_of(past)

    assert found.hits / (found.hits + found.misses) == pytest.approx(0.03, rel=0.2)
    assert found.hits + found.misses == pytest.approx(100, rel=0.3)
    assert prior_of([]) == prior_of([Seen(100, 3)]) == prior_of([Seen(9, 0)] * 3) == Prior()


def test_a_person_leans_the_stores_hours_and_no_more() -> None:
    store, own = [0] * HOURS, [0] * HOURS
    store[20] = store[9] = 5_000
    store[9] -= 500
    none = likely(store, own)
    own[9] = 2

    leaning = likely(store, own)

    assert none.sum() == pytest.approx(1)
    assert none.argmax() == 20
    assert leaning.argmax() == 9
    own[9], own[3] = 0, 2
    assert likely(store, own).argmax() == 20, "two clicks at night do not make a night owl"


def test_the_best_hour_is_one_of_those_allowed_and_one_in_ten_is_left_to_chance() -> None:
    store = [0] * HOURS
    store[13] = 90
    chances, allowed = likely(store, [0] * HOURS), (9, 10, 14, 20)

    chosen = [choose(chances, allowed, draw / 1_000) for draw in range(1_000)]

    assert {one.hour for one in chosen if not one.at_random} == {14}
    at_random = [one.hour for one in chosen if one.at_random]
    assert len(at_random) == 100
    assert all(24 <= at_random.count(hour) <= 26 for hour in allowed)
    with pytest.raises(ValueError, match="no hour"):
        choose(chances, (), 0.5)


def test_nobody_has_answered_yet_and_every_hour_is_as_good() -> None:
    assert likely([0] * HOURS, [0] * HOURS) == pytest.approx([1 / HOURS] * HOURS)


def test_what_is_bought_together_is_near() -> None:
    tea, pot, milk, soap = range(4)
    lines = [(0, tea), (0, pot), (1, tea), (1, pot), (1, milk), (2, tea), (2, tea), (3, soap)]
    order, product = np.array(lines).T

    found = neighbours(order, product)

    near = {
        (int(a), int(b)): float(n)
        for a, b, n in zip(found.product, found.other, found.nearness, strict=True)
    }
    assert near[tea, pot] == near[pot, tea] == pytest.approx(2 / (np.sqrt(3 * 2) + 2))
    assert near[tea, milk] == pytest.approx(1 / (np.sqrt(3) + 2))
    assert not any(soap in pair for pair in near)
    assert found.other[found.product == tea].tolist() == [pot, milk]


def test_only_the_nearest_are_kept() -> None:
    order = np.repeat(np.arange(30), 2)
    product = np.ravel([(0, 1 + number % 10) for number in range(30)])

    found = neighbours(order, product, kept=3)

    assert np.bincount(found.product).max() == 3
    assert len(neighbours(order[:0], product[:0]).product) == 0
