"""Law 9: people of whom nothing is heard for long are forgotten, and nobody else is."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app import customers
from app.config import Config
from app.events import CustomerFact, Person
from app.models import (
    Backfill,
    Customer,
    Erasure,
    Flow,
    FlowVersion,
    Journey,
    Message,
    Notice,
    Order,
    Store,
    StoreStatus,
    new_id,
)
from app.stores.notices import shown
from app.tenancy import platform_transaction, store_transaction
from tests.conftest import START, Clock
from tests.integration.customers.people import cart, choice, order, tell
from tests.integration.inbox.silence import (
    ANA,
    LONG,
    MINUTES,
    acts,
    is_forgotten,
    night,
    people,
    record,
)

LATELY = MINUTES - 60 * 24 * 40
"""Minutes after the beginning of a test that lie forty days before its end."""


def home(customer_id: UUID) -> UUID:
    with platform_transaction("a test asks whose customer this is") as session:
        return session.scalars(
            select(Customer.store_id).where(Customer.customer_id == customer_id)
        ).one()


def chooses(store_id: UUID, **settings: object) -> None:
    with store_transaction(store_id) as session:
        session.get_one(Store, store_id).settings = settings


def forgotten(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        gone = select(func.count()).where(Customer.erased_at.is_not(None))
        return session.scalar(gone) or 0


@pytest.mark.requirement(125)
def test_who_was_silent_for_three_years_is_forgotten_here_and_at_the_providers(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    clock.advance(days=3 * 365 - 1)
    night(store_id, config)
    assert not is_forgotten(store_id, ana)

    clock.advance(days=2)
    night(store_id, config)

    assert is_forgotten(store_id, ana)
    with store_transaction(store_id) as session:
        assert customers.find_customer(session, "ana@example.com") is None
        assert session.get_one(Order, (store_id, "1")).total_minor == 1_000
        assert session.scalars(select(Erasure)).one().sealed is not None


@pytest.mark.parametrize(
    "sign",
    [
        lambda minutes: order("2", minutes, ANA),
        lambda minutes: cart("t9", minutes=minutes, person=ANA),
        lambda minutes: choice(minutes, "subscribed", email=ANA.email, platform_key="7"),
        lambda minutes: choice(minutes, "unsubscribed", email=ANA.email, platform_key="7"),
        acts("link_clicked"),
        acts("score_given"),
        acts("page_viewed"),
    ],
)
def test_whoever_gives_a_sign_of_life_stays(
    store_id: UUID,
    ana: UUID,
    clock: Clock,
    config: Config,
    sign: Callable[[float], CustomerFact],
) -> None:
    tell(store_id, sign(LATELY), keys=config.keys)

    clock.travel(START + LONG)
    night(store_id, config)

    assert not is_forgotten(store_id, ana)


def test_a_record_the_shop_touches_is_no_sign_of_life(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    tell(store_id, acts("tag_added")(LATELY), record(LATELY), keys=config.keys)

    clock.travel(START + LONG)
    night(store_id, config)

    assert is_forgotten(store_id, ana)


@pytest.mark.parametrize(
    ("values", "forgets"),
    [
        ({"status": "accepted"}, 0),
        ({"status": "planned", "sent_at": None}, 0),
        ({"status": "failed"}, 1),
        ({"status": "held"}, 1),
        ({"status": "delivered", "sent_at": START}, 1),
    ],
)
def test_whoever_a_message_reached_lately_stays(
    ana: UUID, clock: Clock, config: Config, values: dict[str, object], forgets: int
) -> None:
    store_id = home(ana)
    journey(store_id, ana, "completed")
    message(store_id, ana, {"sent_at": START + timedelta(minutes=LATELY), **values})

    clock.travel(START + LONG)
    night(store_id, config)

    assert forgotten(store_id) == forgets


@pytest.mark.parametrize(("status", "forgets"), [("active", 0), ("exited", 1)])
def test_whoever_is_inside_a_journey_stays(
    ana: UUID, clock: Clock, config: Config, status: str, forgets: int
) -> None:
    store_id = home(ana)
    journey(store_id, ana, status)

    clock.travel(START + LONG)
    night(store_id, config)

    assert forgotten(store_id) == forgets


def test_an_imported_past_is_forgotten_after_a_month_unless_they_act(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    clock.travel(START + LONG)
    ugo = Person(email="ugo@example.com")
    old = [order("1", 0, ANA), order("2", 0, ugo)]
    tell(store_id, *old, live=False, source="import", keys=config.keys)
    night(store_id, config)
    assert forgotten(store_id) == 0

    tell(store_id, acts("link_clicked")(MINUTES), keys=config.keys)
    clock.advance(days=31)
    night(store_id, config)

    assert people(store_id) == ["ana@example.com"]


@pytest.mark.parametrize("never", [0, None])
def test_a_merchant_may_choose_never(
    store_id: UUID, ana: UUID, clock: Clock, config: Config, never: int | None
) -> None:
    chooses(store_id, forget_people_after_months=never)

    clock.travel(START + 9 * LONG)
    night(store_id, config)

    assert not is_forgotten(store_id, ana)


def test_a_merchant_may_choose_a_shorter_time(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    chooses(store_id, forget_people_after_months=12)

    clock.advance(days=366)
    night(store_id, config)

    assert is_forgotten(store_id, ana)


def test_a_day_has_its_bound_and_a_month_one_notice_with_the_number(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    crowd = [order(f"{n}", 0, Person(email=f"p{n}@example.com")) for n in range(5)]
    tell(store_id, *crowd, keys=config.keys)
    clock.travel(START + LONG)

    by_day = []
    for _ in range(3):
        night(store_id, config, a_day=2)
        night(store_id, config, a_day=2)
        by_day.append(forgotten(store_id))
        clock.advance(days=1)

    assert by_day == [2, 4, 5]
    with store_transaction(store_id) as session:
        (notice,) = session.scalars(select(Notice))
    assert notice.details == {"number": 5, "months": 36}
    assert shown(notice, "it").startswith("Persone dimenticate questo mese: 5.")


def test_the_next_month_has_a_notice_of_its_own(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    tell(store_id, order("2", 60 * 24 * 31, Person(email="ugo@example.com")), keys=config.keys)
    clock.travel(START + LONG)
    night(store_id, config)

    clock.advance(days=31)
    night(store_id, config)

    with store_transaction(store_id) as session:
        told = session.scalars(select(Notice).order_by(Notice.created_at)).all()
    assert [notice.details["number"] for notice in told] == [1, 1]


def test_nobody_is_forgotten_while_a_history_is_read_that_may_tell_of_them(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    clock.travel(START + LONG)
    with store_transaction(store_id) as session:
        session.add(Backfill(store_id=store_id, resource="orders"))
    night(store_id, config)
    assert not is_forgotten(store_id, ana)

    with store_transaction(store_id) as session:
        session.get_one(Backfill, (store_id, "orders")).finished_at = clock()
    night(store_id, config)

    assert is_forgotten(store_id, ana)


def test_the_people_of_a_store_that_left_are_forgotten_too(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    with store_transaction(store_id) as session:
        session.get_one(Store, store_id).status = StoreStatus.UNINSTALLED
        session.add(Backfill(store_id=store_id, resource="orders"))

    clock.travel(START + LONG)
    night(store_id, config)

    assert is_forgotten(store_id, ana)


def test_one_store_forgets_none_of_another(
    store_id: UUID, ana: UUID, make_store: Callable[..., UUID], clock: Clock, config: Config
) -> None:
    other = make_store()
    clock.travel(START + LONG)

    night(other, config)

    assert not is_forgotten(store_id, ana)


def test_who_is_heard_of_again_before_their_turn_stays(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    silence = customers.Silence(since=START + timedelta(days=9), known_before=clock.advance(days=9))
    with store_transaction(store_id) as session:
        assert customers.silent_people(session, silence, 9) == [ana]
        assert customers.silent_people(session, silence, 9, of=[new_id()]) == []
        assert customers.silent_people(session, silence, 9, of=[ana]) == [ana]

    tell(store_id, acts("link_clicked")(60 * 24 * 9), keys=config.keys)

    with store_transaction(store_id) as session:
        assert customers.silent_people(session, silence, 9, of=[ana]) == []


def journey(store_id: UUID, customer_id: UUID, status: str) -> UUID:
    flow_id, journey_id = new_id(), new_id()
    with store_transaction(store_id) as session:
        session.add(Flow(store_id=store_id, flow_id=flow_id, slug="story", version=1))
        session.flush()
        session.add(FlowVersion(store_id=store_id, flow_id=flow_id, version=1, source="x"))
        session.flush()
        session.add(
            Journey(
                store_id=store_id,
                journey_id=journey_id,
                flow_id=flow_id,
                version=1,
                customer_id=customer_id,
                entry_key="once",
                arm="treated",
                status=status,
            )
        )
    return journey_id


def message(store_id: UUID, customer_id: UUID, values: dict[str, object]) -> None:
    with store_transaction(store_id) as session:
        found = session.scalars(select(Journey)).one()
        session.add(
            Message(
                store_id=store_id,
                journey_id=found.journey_id,
                flow_id=found.flow_id,
                version=1,
                step="mail",
                customer_id=customer_id,
                channel="email",
                name="mail",
                purpose="nurture",
                commercial=True,
                basis="opt_in",
                locale="it",
                due_at=START,
                **values,
            )
        )
