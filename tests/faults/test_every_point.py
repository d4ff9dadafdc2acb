"""Law 1 at every named point of the path: whoever dies there, nothing is lost and nothing comes
twice. The suite kills one at a time in this process; `make faults` kills real processes there."""

from collections.abc import Iterator
from itertools import count, zip_longest

import pytest

from app import points
from app.points import Point
from tests.conftest import Machine
from tests.faults.errands import life_past
from tests.faults.lives import WINTER, Life, begin_a_new_day, is_reminded, shop_on
from tests.faults.swept import Trip, swept_stage
from tests.journeys.shopify_shop import ShopifyStoryShop

# A thread that dies here dies as its process would.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
numbers = count(1)


@pytest.fixture(scope="module")
def shop(machine: Machine) -> Iterator[ShopifyStoryShop]:
    """One shop for all lives: each point meets what the one before has left behind."""
    with swept_stage(machine, WINTER) as stage:
        yield shop_on(stage)


@pytest.fixture
def trip() -> Iterator[Trip]:
    made = Trip()
    points.watch(made)
    yield made
    points.watch(None)


def in_company() -> list[tuple[Point, ...]]:
    """Points on the way of everybody are met two in one life, far from each other; others alone."""
    alone = [(point,) for point in Point if life_past(point) is not is_reminded]
    others = [point for point in Point if life_past(point) is is_reminded]
    half = (len(others) + 1) // 2
    return [*alone, *zip_longest(others[:half], others[half:], fillvalue=others[-1])]


def named(points: tuple[Point, ...]) -> str:
    return "-".join(point.name for point in points)


@pytest.mark.parametrize("deaths", in_company(), ids=named)
def test_killed_at_a_point_nothing_is_lost_and_nothing_comes_twice(
    shop: ShopifyStoryShop, trip: Trip, deaths: tuple[Point, ...]
) -> None:
    begin_a_new_day(shop.stage.clock)
    trip.armed = set(deaths)

    life_past(deaths[0])(Life(shop, next(numbers)))

    assert trip.armed == set(), "nobody came by this point"
    assert set(shop.webhooks()) <= {"applied", "ignored"}
    assert shop.world.office.waiting == shop.world.office.given_up == []


def test_a_point_that_nobody_watches_does_nothing() -> None:
    points.watch(None)

    points.pass_point(Point.MESSAGES_MARKED)
