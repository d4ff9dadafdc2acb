"""Simulated shoppers with known tastes: what each purpose recommends comes true more often than the
best sellers do, in orders that were held back."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from app.science.neighbours import neighbours
from app.science.recommending import (
    Again,
    Had,
    Known,
    New,
    bought_again,
    goes_with,
    sells_well,
)
from app.science.rhythms import rhythms

PRODUCTS, TASTES, PEOPLE, CUT, END, MOST = 120, 10, 800, 300, 321, 3
Line = tuple[int, int, int, int]
"""Order, person, product, day."""


def town(seed: int) -> list[Line]:
    """Each shopper has two tastes of twelve products, and two things of them that run out."""
    random, lines, order = np.random.default_rng(seed), [], 0
    fame = random.pareto(2.5, PRODUCTS) + 0.3
    for person in range(PEOPLE):
        liked = np.ravel([np.arange(12) + 12 * t for t in random.choice(TASTES, 2, replace=False)])
        weight = fame[liked] / fame[liked].sum()
        staples = random.choice(liked, 2, replace=False, p=weight)
        rhythm, due = random.uniform(20, 60, 2), random.uniform(0, 60, 2)
        while (day := due.min()) < END:
            which = int(due.argmin())
            basket = {int(staples[which]), *random.choice(liked, random.poisson(0.7), p=weight)}
            lines += [(order, person, int(product), int(day)) for product in basket]
            due[which] = day + rhythm[which] * random.uniform(0.8, 1.2)
            order += 1
    return lines


@pytest.fixture(scope="module", params=[3, 4])
def seen(request: pytest.FixtureRequest) -> tuple[list[Line], list[Line]]:
    lines = town(request.param)
    return [one for one in lines if one[3] < CUT], [one for one in lines if one[3] >= CUT]


def histories(lines: list[Line]) -> dict[int, list[Had]]:
    """What each has bought, as a snapshot tells it."""
    days: dict[int, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
    orders: dict[int, dict[int, int]] = defaultdict(dict)
    for order, person, product, day in lines:
        days[person][product].add(day)
        orders[person][order] = day
    found = {}
    for person, products in days.items():
        places = sorted(set(orders[person].values()), reverse=True)
        found[person] = [
            Had(
                str(product),
                tuple(float(CUT - day) for day in sorted(at, reverse=True)),
                places.index(max(at)),
            )
            for product, at in products.items()
        ]
    return found


def learnt(lines: list[Line]) -> dict[str, Known]:
    order, person, product, day = np.array(lines).T
    near, rhythm = neighbours(order, product), rhythms(person, product, day, PRODUCTS)
    others: dict[int, dict[str, float]] = defaultdict(dict)
    for one, other, nearness in zip(near.product, near.other, near.nearness, strict=True):
        others[int(one)][str(other)] = float(nearness)
    share = rhythm.again / np.maximum(rhythm.buyers, 1)
    return {
        str(n): Known(others[n], float(rhythm.gap[n]), float(share[n])) for n in range(PRODUCTS)
    }


def hits(told: dict[int, list[str]], came: dict[int, set[str]]) -> float:
    """Of what came, how much was among the first three that were told."""
    found = sum(len(came[person] & set(told[person][:MOST])) for person in came if person in told)
    return found / sum(len(came[person]) for person in came if person in told)


def test_each_purpose_beats_the_best_sellers_on_orders_that_were_held_back(
    seen: tuple[list[Line], list[Line]],
) -> None:
    past, future = seen
    had, known = histories(past), learnt(past)
    recent = Counter(str(product) for _, _, product, day in past if day > CUT - 90)
    best = [key for key, _ in recent.most_common()]
    popular = {key: many / recent[best[0]] for key, many in recent.items()}
    again: dict[int, set[str]] = defaultdict(set)
    new: dict[int, set[str]] = defaultdict(set)
    for _, person, product, _ in future:
        owned = {one.key for one in had.get(person, ())}
        (again if str(product) in owned else new)[person].add(str(product))

    due = {who: [one.key for one in bought_again(what, known)] for who, what in had.items()}
    fits = {who: [one.key for one in goes_with(what, known, popular)] for who, what in had.items()}
    sold = dict.fromkeys(had, best)
    unknown = {
        who: [one.key for one in sells_well(best, {each.key for each in what})]
        for who, what in had.items()
    }

    assert hits(due, again) > 2.5 * hits(sold, again)
    assert hits(fits, new) > 4 * hits(unknown, new)


def test_what_was_bought_twice_is_due_by_its_own_gap_and_what_was_bought_once_by_the_others() -> (
    None
):
    had = [Had("oil", (28.0, 60.0), 1), Had("tea", (20.0,), 0), Had("pot", (20.0,), 0)]
    known = {"tea": Known({}, 30.0, 0.5), "pot": Known({}, 30.0, 0.1), "oil": Known({}, 90.0, 0.9)}

    assert bought_again(had, known) == [
        Again("oil", 32.0, 4.0, own=True),
        Again("tea", 30.0, 10.0, own=False),
    ]


@pytest.mark.parametrize(
    ("gap", "age", "due"),
    [
        *((30.0, 10.0, False), (30.0, 17.0, True), (30.0, 89.0, True), (30.0, 91.0, False)),
        *((7.0, 0.0, False), (7.0, 3.0, False), (7.0, 4.0, True)),
    ],
)
def test_it_is_told_two_weeks_or_half_its_gap_before_and_given_up_after_three(
    gap: float, age: float, due: bool
) -> None:
    found = bought_again([Had("tea", (age,), 0)], {"tea": Known({}, gap, 0.5)})

    assert bool(found) is due


def test_what_goes_with_the_last_order_comes_first_and_says_why() -> None:
    had = [Had("oil", (90.0,), 3), Had("tea", (1.0,), 0)]
    known = {"oil": Known({"salt": 0.5, "tea": 0.9}), "tea": Known({"pot": 0.3, "cup": 0.3})}

    found = goes_with(had, known, {"cup": 1.0})

    assert found == [New("cup", "tea"), New("pot", "tea"), New("salt", "oil")]
    assert sells_well(["tea", "mint", "mint", "cup"], {"tea"}) == [
        New("mint", None),
        New("cup", None),
    ]


def test_rhythms_count_days_and_not_orders() -> None:
    tea, pot = 0, 1
    lines = [(7, tea, 0), (7, tea, 0), (7, tea, 30), (7, tea, 70), (8, tea, 5), (8, pot, 5)]
    customer, product, day = np.array(lines).T

    found = rhythms(customer, product, day, 3)

    assert found.buyers.tolist() == [2, 1, 0]
    assert found.again.tolist() == [1, 0, 0]
    assert found.gap[tea] == 35
    assert np.isnan(found.gap[1:]).all()
