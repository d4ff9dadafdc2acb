"""Groups of customers who behave alike."""

import numpy as np
import pytest

from app.science.buying import Buying
from app.science.clusters import STABLE, Trait, find_clusters
from app.science.purchases import Buyers, Purchases, buyers, purchases
from tests.unit.science.town import simulate


def three_kinds(seed: int) -> Purchases:
    """500 who buy each week, 500 who bought once long ago, 500 who buy much twice a year."""
    random = np.random.default_rng(seed)
    rows = []
    for person in range(500):
        rows += [(person, day, 20) for day in range(int(random.integers(0, 7)), 700, 7)]
        rows.append((500 + person, int(random.integers(0, 90)), 15))
        rows += [(1000 + person, day, 400) for day in range(int(random.integers(0, 180)), 700, 180)]
    who, when, spent = zip(*rows, strict=True)
    return purchases(who, when, np.array(spent) * random.uniform(0.8, 1.25, len(rows)))


@pytest.fixture(scope="module")
def known() -> Buyers:
    return buyers(three_kinds(1), 700)


def test_the_kinds_that_are_there_are_found_and_named_by_what_sets_them_apart(
    known: Buyers,
) -> None:
    found = find_clusters(known)

    groups = found(known)
    assert found.stability > STABLE
    kinds = [set(groups[start : start + 500]) for start in (0, 500, 1000)]
    assert kinds[0].isdisjoint(kinds[1] | kinds[2])
    assert kinds[1].isdisjoint(kinds[2])
    trait_of = dict(zip(found.numbers, found.traits, strict=True))
    assert Trait.OFTEN in trait_of[groups[0]]
    assert Trait.SILENT in trait_of[groups[500]]
    assert Trait.LARGE in trait_of[groups[1000]]


def test_a_group_keeps_its_number_in_the_next_run(known: Buyers) -> None:
    first = find_clusters(known, seed=1)

    again = find_clusters(buyers(three_kinds(2), 700), before=first, seed=99)

    assert (again(known) == first(known)).mean() > 0.95


def test_people_of_one_kind_are_said_to_be_unstable() -> None:
    alike = buyers(simulate(Buying(r=50, alpha=3000, a=0.01, b=9), 800, 600), 600)

    found = find_clusters(alike)

    assert len(found.numbers) == 3
    assert found.stability < STABLE


def test_a_group_that_is_new_takes_a_number_of_its_own(known: Buyers) -> None:
    three = find_clusters(buyers(simulate(Buying(r=50, alpha=3000, a=0.01, b=9), 800, 600), 600))

    more = find_clusters(known, before=three)
    fewer = find_clusters(known, before=more)

    assert set(three.numbers) < set(more.numbers) == {1, 2, 3, 4}
    assert fewer.numbers == more.numbers


def test_a_few_buyers_are_no_groups() -> None:
    with pytest.raises(ValueError, match="40 buyers are too few"):
        find_clusters(buyers(purchases(range(40), range(40), np.ones(40)), 50))
