"""What a shop's past brings: state, and nobody's journey."""

from datetime import timedelta
from importlib import resources
from uuid import UUID

from sqlalchemy import func, select

from app import clock as app_clock
from app import flows
from app.config import Config
from app.events import (
    CartSeen,
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerActed,
    CustomerFact,
    CustomerSeen,
    Line,
    OrderSeen,
    OrderStatus,
    Person,
)
from app.inbox.rhythm import keep_rhythm
from app.inbox.sync import apply_history
from app.models import FlowMember, Journey, Store
from app.stores import backfill
from app.tenancy import store_transaction
from tests.conftest import Clock
from tests.integration.customers.people import tell

REGULARS = """flow: regulars
name: {en: Regulars}
languages: [en]
purpose: service
trigger: {segment: {entered: {customer.orders_count: {at_least: 1}}}}
holdout: 0%
steps:
  - send: {channel: email, message: hello}
messages:
  hello: {email: {en: {subject: Hello, body: Come back}}}
"""


def runs(store_id: UUID, source: str) -> None:
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        flow = flows.import_flow(session, store, source, app_clock.now())
        flows.activate(session, store, flow.slug, app_clock.now())


def preset(name: str) -> str:
    return (resources.files("app.flows.presets") / f"{name}.yaml").read_text(encoding="utf-8")


def past(store_id: UUID, *facts: CustomerFact, config: Config) -> None:
    with store_transaction(store_id) as session:
        apply_history(session, facts, keys=config.keys)


def count(store_id: UUID, model: type) -> int:
    with store_transaction(store_id) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def order_of(number: int, age_days: int) -> OrderSeen:
    moment = app_clock.now() - timedelta(days=age_days)
    return OrderSeen(
        order_key=str(number),
        number=f"#{number}",
        person=Person(email=f"p{number}@example.com"),
        status=OrderStatus.PAID,
        currency="EUR",
        total_minor=1_000,
        lines=(),
        placed_at=moment,
        updated_at=moment,
    )


def cart_of(number: int, age: timedelta) -> CartSeen:
    line = Line(
        line_key="1", product_key="tea", title="Tea", variant_key=None, quantity=1, total_minor=900
    )
    return CartSeen(
        cart_keys=(f"cart-{number}",),
        person=Person(email=f"p{number}@example.com"),
        currency="EUR",
        total_minor=900,
        lines=(line,),
        updated_at=app_clock.now() - age,
    )


def subscriber(number: int) -> list[CustomerFact]:
    """Known for two months, subscribed, seen lately, has never bought: whom `nurture` is for."""
    now, person = app_clock.now(), Person(email=f"p{number}@example.com")
    looked = CustomerActed(
        event_key=f"look-{number}",
        name="page_viewed",
        person=person,
        updated_at=now - timedelta(days=2),
    )
    return [
        CustomerSeen(person=person, updated_at=now, created_at=now - timedelta(days=60)),
        ConsentChanged(
            person=person,
            channel=ConsentChannel.EMAIL,
            state=ConsentState.SUBSCRIBED,
            source="shopify",
            updated_at=now - timedelta(days=60),
        ),
        looked,
    ]


def test_subscribers_of_the_past_do_not_enter_a_flow_for_newcomers(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    runs(store_id, preset("nurture"))

    past(store_id, *(fact for n in range(5) for fact in subscriber(n)), config=config)
    keep_rhythm(store_id)

    assert count(store_id, FlowMember) == 5
    assert count(store_id, Journey) == 0


def test_buyers_of_the_past_do_not_enter_and_a_buyer_of_today_does(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    runs(store_id, REGULARS)

    past(store_id, *(order_of(n, age_days=300) for n in range(5)), config=config)
    keep_rhythm(store_id)
    assert count(store_id, Journey) == 0

    tell(store_id, order_of(99, age_days=0))
    keep_rhythm(store_id)
    assert count(store_id, Journey) == 1


def test_nobody_enters_by_a_condition_while_the_history_is_being_read(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    runs(store_id, REGULARS)
    with store_transaction(store_id) as session:
        backfill.start(session)

    tell(store_id, order_of(99, age_days=0))
    keep_rhythm(store_id)
    assert count(store_id, Journey) == 0

    with store_transaction(store_id) as session:
        for row in backfill.progress(session):
            row.finished_at = clock()
    keep_rhythm(store_id)
    assert count(store_id, Journey) == 1


def test_a_cart_that_came_with_the_history_is_nobodys_abandonment_until_its_shopper_is_back(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    runs(store_id, preset("abandoned-cart"))

    past(store_id, *(cart_of(n, timedelta(hours=20)) for n in range(5)), config=config)
    keep_rhythm(store_id)
    assert count(store_id, Journey) == 0

    clock.advance(minutes=1)
    tell(store_id, cart_of(3, timedelta()))
    clock.advance(hours=2)
    keep_rhythm(store_id)
    assert count(store_id, Journey) == 1
