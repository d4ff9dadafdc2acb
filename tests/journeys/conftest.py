"""One stage for each story, and the words stories are told in."""

import logging
from collections.abc import Iterator

import pytest

from tests.conftest import Machine
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.opening import living_clock, opened_stage
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.shops import StoryShop
from tests.journeys.stage import Stage, StageClock
from tests.journeys.woo_shop import WooStoryShop


@pytest.fixture(autouse=True, scope="session")
def _quiet_worker() -> None:
    """A line for every job would bury what went wrong."""
    logging.getLogger("rq").setLevel(logging.WARNING)


@pytest.fixture
def clock() -> Iterator[StageClock]:
    with living_clock() as moved:
        yield moved


@pytest.fixture
def stage(database: Machine, clock: StageClock) -> Iterator[Stage]:
    with opened_stage(database, clock) as opened:
        yield opened


@pytest.fixture
def shopify(stage: Stage) -> ShopifyStoryShop:
    """An Italian Shopify shop, connected, its history read."""
    shop = ShopifyStoryShop(stage)
    shop.joins()
    return shop


@pytest.fixture
def woo(stage: Stage) -> WooStoryShop:
    """An Italian WooCommerce shop, connected, its history read."""
    shop = WooStoryShop(stage)
    shop.joins()
    return shop


@pytest.fixture(params=["shopify", "woo"])
def shop(request: pytest.FixtureRequest) -> StoryShop:
    """The story is told once for each kind of shop."""
    opened: StoryShop = request.getfixturevalue(request.param)
    return opened


@pytest.fixture
def email(stage: Stage) -> Mailboxes:
    return Mailboxes(stage)


@pytest.fixture
def texts(stage: Stage) -> Phones:
    return Phones(stage)
