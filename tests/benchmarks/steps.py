"""Due steps decided, arbitrated and planned; then the planned mails sent through the sandbox."""

import time
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from app import flows, messages
from app.config import Config
from app.customers import Change, ChangeKind
from app.models import Cart, ConsentEntry, Customer, Message, Store, new_id
from app.stores.connections import Connections
from app.tenancy import store_transaction
from tests.benchmarks.ground import NOON, Ground, workers
from tests.benchmarks.measure import Figure, Sizes

BATCH = 200
LINE = {"line_key": "1", "product_key": "p", "variant_key": "v", "title": "Tea", "quantity": 1}


def measure(here: Ground, sizes: Sizes) -> list[Figure]:
    """Both in one worker process; the sandbox has the other core."""
    steps = Figure("steps: decided, arbitrated, planned, one worker", "steps/s")
    sends = Figure("sends: looked up live, rendered, handed to Klaviyo, one worker", "mails/s")
    with workers(here.config, 1) as pool:
        for number in range(-1, sizes.rounds):
            enter(here.mailing, sizes.steps, number)
            advanced = pool.submit(advance, here.config, here.mailing).result()
            sent = pool.submit(send, here.config, here.mailing, sizes.sends).result()
            if number >= 0:
                steps.rounds.append(advanced)
                sends.rounds.append(sent)
    return [steps, sends]


def enter(store_id: UUID, count: int, number: int) -> None:
    """People with an abandoned cart each, all of them inside the preset and due now."""
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        people = {new_id(): f"due{number}.{each}@bench.example" for each in range(count)}
        session.add_all(_person(store_id, *person) for person in people.items())
        session.flush()  # The rows that follow point at these.
        carts = [_cart(store_id, new_id(), customer_id) for customer_id in people]
        session.add_all([*carts, *(_consent(store_id, customer_id) for customer_id in people)])
        session.flush()
        flows.fire(session, store, [_abandoned(cart) for cart in carts], NOON)


def _abandoned(cart: Cart) -> Change:
    return Change(
        kind=ChangeKind.CART_ABANDONED,
        customer_id=cart.customer_id,
        occurred_at=NOON,
        live=True,
        values={"cart_id": str(cart.cart_id)},
    )


def _person(store_id: UUID, customer_id: UUID, email: str) -> Customer:
    return Customer(
        store_id=store_id,
        customer_id=customer_id,
        email=email,
        locale="en",
        country="GB",
        first_name="Emma",
        first_seen_at=NOON - timedelta(days=30),
    )


def _consent(store_id: UUID, customer_id: UUID) -> ConsentEntry:
    return ConsentEntry(
        store_id=store_id,
        entry_key=f"bench-{customer_id}",
        customer_id=customer_id,
        channel="email",
        state="subscribed",
        source="form",
        occurred_at=NOON - timedelta(days=30),
    )


def _cart(store_id: UUID, cart_id: UUID, customer_id: UUID) -> Cart:
    return Cart(
        store_id=store_id,
        cart_id=cart_id,
        customer_id=customer_id,
        status="abandoned",
        currency="GBP",
        total_minor=2_500,
        lines=[LINE],
        recovery_url="https://northwind-botanics.myshopify.com/cart/recover",
        started_at=NOON - timedelta(hours=2),
        changed_at=NOON - timedelta(hours=1),
        abandoned_at=NOON,
        source_updated_at=NOON,
    )


def advance(config: Config, store_id: UUID) -> float:
    """Steps per second until none is due."""
    connections = Connections(config)
    return _speed(lambda: flows.advance_due(store_id, connections, BATCH))


def send(config: Config, store_id: UUID, most: int) -> float:
    """Mails per second that the provider took."""
    connections, before = Connections(config), accepted(store_id)
    began = time.perf_counter()
    messages.send_due(store_id, connections, most)
    took = time.perf_counter() - began
    taken = accepted(store_id) - before
    if taken == 0:
        raise RuntimeError("No mail was sent.")
    return taken / took


def _speed(call: Callable[[], int]) -> float:
    began, done = time.perf_counter(), 0
    while more := call():
        done += more
    return done / (time.perf_counter() - began)


def accepted(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return (
            session.scalar(
                select(func.count()).select_from(Message).where(Message.status == "accepted")
            )
            or 0
        )
