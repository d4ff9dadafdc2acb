"""Law 1 at every named point of the path: whoever dies there, nothing is lost and nothing comes
twice. The suite kills one at a time in this process; `make faults` kills real processes there."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import UUID

import pytest
from sqlalchemy import text

from app import db, jobs, points
from app.config import Config
from app.points import Point
from app.stores.letters import send_letters
from app.stores.notices import tell
from app.tenancy import store_transaction
from tests.conftest import Clock, Machine, MakeStore
from tests.fakes.channels import Killed
from tests.fakes.mail import post_office
from tests.faults.lives import FLOW, LETTERS, LIVES, Life, SweptStage, Trip, is_reminded
from tests.journeys.opening import living_clock
from tests.journeys.shops import ShopifyStoryShop
from tests.journeys.stage import StageClock

# A thread that dies here dies as its process would.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
CAPS = ("email_per_day", "email_per_week", "sms_per_day", "sms_per_week", "promotional_per_day")
SATURDAY = 5
SEPTEMBER = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
"""No holiday of Italy for two months: on one, no shop may text."""
numbers = count(1)


@pytest.fixture(scope="module")
def shop(machine: Machine) -> Iterator[ShopifyStoryShop]:
    """One shop for all lives: each point meets what the one before has left behind."""
    with machine.owner.begin() as connection:
        connection.execute(text("DELETE FROM stores"))
    db.connect(machine.app_url)
    jobs.connect(machine.redis_url).flushdb()
    with living_clock() as clock:
        yield from _opened(machine, clock)


def _opened(machine: Machine, clock: StageClock) -> Iterator[ShopifyStoryShop]:
    clock.moment = SEPTEMBER
    with SweptStage(machine, clock).playing() as stage:
        opened = ShopifyStoryShop(stage)
        opened.joins()
        opened.chooses(cart_idle_minutes=10, caps=dict.fromkeys(CAPS, 20))
        opened.runs_file(FLOW)
        yield opened


@pytest.fixture
def trip() -> Iterator[Trip]:
    made = Trip()
    points.watch(made)
    yield made
    points.watch(None)


@pytest.mark.parametrize("point", [p for p in Point if p not in LETTERS], ids=lambda p: p.name)
def test_killed_at_a_point_nothing_is_lost_and_nothing_comes_twice(
    shop: ShopifyStoryShop, trip: Trip, point: Point
) -> None:
    _begin_a_new_day(shop.stage.clock)
    trip.armed = point

    LIVES.get(point, is_reminded)(Life(shop, next(numbers)))

    assert trip.struck == 1, "nobody came by this point"
    assert set(shop.webhooks()) <= {"applied", "ignored"}
    assert shop.world.office.waiting == shop.world.office.given_up == []


def _begin_a_new_day(clock: Clock) -> None:
    """Not a Sunday, on which no shop may text an Italian."""
    days = 2 if clock.moment.weekday() == SATURDAY else 1
    clock.moment = (clock.moment + timedelta(days=days)).replace(hour=9, minute=0)


@pytest.mark.parametrize("point", LETTERS, ids=lambda p: p.name)
def test_killed_at_a_point_a_letter_still_comes_and_is_known_for_the_same(
    make_store: MakeStore, config: Config, clock: Clock, trip: Trip, point: Point
) -> None:
    store_id: UUID = make_store(contact_email="ciao@erbebuone.example")
    with store_transaction(store_id) as session:
        tell(session, "a", "Chiama Bruno", kind="notify")
    trip.armed = point

    with post_office() as post:
        mailing = config.model_copy(update={"smtp_url": post.url, "mail_from": "n@ours.example"})
        with suppress(Killed):
            send_letters(store_id, mailing)
        for _ in range(3):
            clock.advance(minutes=11)
            send_letters(store_id, mailing)

    assert trip.struck == 1
    # Nobody can ask a mail server afterwards: the second copy carries the same id.
    assert len(post.letters) == (2 if point is Point.LETTER_SENT else 1)
    assert len({letter["Message-ID"] for letter in post.letters}) == 1


def test_a_point_that_nobody_watches_does_nothing() -> None:
    points.watch(None)

    points.pass_point(Point.MESSAGES_MARKED)
