"""A flow's page says what the flow has changed, measured once a day."""

from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app import experiments
from app.inbox.lifts import measure_lifts
from app.inbox.sweep import due_stores
from app.models import Lift, Store, StoreStatus
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.fakes.experiment import enter, switch_on
from tests.web.conftest import SignIn
from tests.web.reading import read, section


@pytest.fixture
def live(store_id: UUID, clock: Clock) -> UUID:
    """A store whose flow has just been switched on."""
    switch_on(store_id)
    return store_id


@pytest.fixture
def browser(sign_in: SignIn, live: UUID) -> FlaskClient:
    return sign_in(live)


def shown(browser: FlaskClient, language: str = "en") -> str:
    return section(read(browser, "/flows/gift", language), "lift")


@pytest.mark.parametrize(
    ("language", "says"),
    [("en", "Measured for the first time"), ("it", "La prima misurazione")],
)
def test_before_the_first_day_is_over_the_page_says_when(
    browser: FlaskClient, live: UUID, language: str, says: str
) -> None:
    assert live not in due_stores()["lifts"]
    assert says in shown(browser, language)


def test_each_day_every_flow_is_measured_once(
    browser: FlaskClient, live: UUID, clock: Clock
) -> None:
    enter(live, "treated", 200, 60)
    enter(live, "holdout", 200, 20)
    clock.advance(days=31)

    assert live in due_stores()["lifts"]
    assert (measure_lifts(live), measure_lifts(live)) == (1, 0)
    assert live not in due_stores()["lifts"]

    told = shown(browser)
    assert "The flow brings more people to buy." in told
    assert "+20.00 (between +12." in told
    assert "+€1,200.00 (between +€" in told, "20 of 100 more, of 200 people, at 30 euros"
    assert "60" in told and "€1,800.00" in told
    assert "Il flusso porta più persone a comprare." in shown(browser, "it")


def test_a_worker_that_dies_at_a_flow_costs_it_an_hour_and_not_its_day(
    live: UUID, clock: Clock
) -> None:
    clock.advance(days=31)
    with store_transaction(live) as session:
        assert experiments.next_due(session, clock()) is not None

    assert measure_lifts(live) == 0
    clock.advance(hours=1)
    assert (measure_lifts(live), measure_lifts(live)) == (1, 0)
    clock.advance(hours=23)
    assert measure_lifts(live) == 0
    clock.advance(hours=1)
    assert measure_lifts(live) == 1


def test_sides_that_are_not_what_they_should_be_show_no_figure(
    browser: FlaskClient, live: UUID, clock: Clock
) -> None:
    enter(live, "treated", 200, 60)
    enter(live, "holdout", 80, 1)
    clock.advance(days=31)
    measure_lifts(live)

    told = shown(browser)

    assert "their difference means nothing" in told
    assert "What the flow gift changes cannot be measured" in read(browser, "/health")
    assert "between" not in told.partition("</table>")[2]


def test_a_store_that_has_left_is_not_measured(live: UUID, clock: Clock) -> None:
    clock.advance(days=2)
    with store_transaction(live) as session:
        session.scalars(select(Store)).one().status = StoreStatus.UNINSTALLED

    assert measure_lifts(live) == 0
    assert live not in due_stores()["lifts"]
    with store_transaction(live) as session:
        assert session.scalars(select(Lift.measured_at)).one() is None
