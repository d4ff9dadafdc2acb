"""A shop that fell silent is heard again, and what it did not tell is read without a stir."""

from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import select

from app.config import Config
from app.errors import AccessLost
from app.flows import activate, import_flow
from app.inbox.sync import sync
from app.inbox.watch import watch_shop
from app.models import Credential, Journey, Notice, Order, Webhook
from app.sandbox.woocommerce import WooWorld
from app.sandbox.woocommerce.shoppers import Shopper
from app.stores import backfill
from app.stores.connections import Connections
from app.stores.credentials import Secret
from app.stores.install import Newcomer, connect
from app.stores.lifecycle import this_store
from app.tenancy import store_transaction
from tests.conftest import Clock, Machine
from tests.unit.flows.making import flow_text

ANA = Shopper(email="ana@example.com", first_name="Ana")
FLOW = flow_text("  - send: {channel: email, message: hello}").replace(
    "customer_created", "order_placed"
)


@pytest.fixture
def woo(clock: Clock) -> Iterator[WooWorld]:
    world = WooWorld()
    world.start()
    world.add_product("Timo", "9.00")
    yield world
    world.stop()


@pytest.fixture
def connections(config: Config, database: Machine) -> Connections:
    return Connections(config)


@pytest.fixture
def shop_id(woo: WooWorld, config: Config, connections: Connections, clock: Clock) -> UUID:
    """A connected shop, its history read, a flow for everybody who orders, and an hour gone by."""
    keys = {"consumer_key": woo.key.consumer_key, "consumer_secret": woo.key.consumer_secret}
    newcomer = Newcomer(
        platform="woocommerce",
        domain=woo.url.partition("://")[2],
        url=woo.url,
        secret=Secret(kind="shop", values=keys),
    )
    store_id = connect(config, newcomer).store_id
    while sync(store_id, connections):
        pass
    with store_transaction(store_id) as session:
        assert all(row.finished_at for row in backfill.progress(session))
        import_flow(session, this_store(session), FLOW, clock())
        activate(session, this_store(session), "test-flow", clock())
    watch_shop(store_id, connections)
    clock.advance(hours=1)
    return store_id


def told(store_id: UUID, kind: str) -> list[Notice]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Notice).where(Notice.kind == kind)))


def orders(store_id: UUID) -> list[Order]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Order)))


def buys(woo: WooWorld) -> None:
    product = next(iter(woo.site.products.values()))
    woo.pay(woo.place_order(ANA, {product.id: 1}))


def test_a_shop_where_all_is_well_is_left_alone(shop_id: UUID, connections: Connections) -> None:
    watch_shop(shop_id, connections)

    assert told(shop_id, "hooks_repaired") == []


@pytest.mark.parametrize("how", ["disabled", "deleted"])
def test_a_webhook_that_was_switched_off_is_made_anew_and_told(
    shop_id: UUID, connections: Connections, woo: WooWorld, how: str
) -> None:
    hook = next(hook for hook in woo.site.hooks.values() if hook.topic == "order.updated")
    if how == "disabled":
        hook.status = "disabled"
    else:
        del woo.site.hooks[hook.id]

    watch_shop(shop_id, connections)
    watch_shop(shop_id, connections)

    assert [h.status for h in woo.site.hooks.values() if h.topic == "order.updated"] == ["active"]
    (notice,) = told(shop_id, "hooks_repaired")
    assert notice.details == {"topics": "order.updated"}


def test_an_order_no_webhook_told_is_found_and_starts_nothing(
    shop_id: UUID, connections: Connections, woo: WooWorld, clock: Clock
) -> None:
    buys(woo)
    clock.advance(hours=1)

    watch_shop(shop_id, connections)
    watch_shop(shop_id, connections)

    (order,) = orders(shop_id)
    assert order.counts
    with store_transaction(shop_id) as session:
        assert session.scalars(select(Journey)).all() == []


def test_a_fresh_order_is_left_to_its_webhook_and_found_an_hour_later(
    shop_id: UUID, connections: Connections, woo: WooWorld, clock: Clock
) -> None:
    buys(woo)
    clock.advance(minutes=5)
    watch_shop(shop_id, connections)
    assert orders(shop_id) == []

    clock.advance(hours=1)
    watch_shop(shop_id, connections)
    assert len(orders(shop_id)) == 1


def test_what_waits_in_the_inbox_is_read_first(
    shop_id: UUID, connections: Connections, woo: WooWorld, clock: Clock
) -> None:
    buys(woo)
    clock.advance(hours=1)
    with store_transaction(shop_id) as session:
        session.add(Webhook(store_id=shop_id, webhook_key="w", topic="order.created", body=b"{}"))

    watch_shop(shop_id, connections)

    assert orders(shop_id) == []


def test_a_shop_that_refuses_us_is_marked_and_the_merchant_told_once(
    shop_id: UUID, connections: Connections, woo: WooWorld
) -> None:
    woo.revoke_key()

    for _ in range(2):
        with pytest.raises(AccessLost):
            connections.shop(shop_id).describe()

    (notice,) = told(shop_id, "shop_broken")
    assert notice.details["problem"] in notice.title
    with store_transaction(shop_id) as session:
        assert session.get_one(Credential, (shop_id, "shop")).broken_since is not None


def test_a_shop_that_takes_us_back_is_found_within_the_hour(
    shop_id: UUID, connections: Connections, woo: WooWorld, clock: Clock
) -> None:
    key = woo.site.keys.pop(woo.key.consumer_key)
    watch_shop(shop_id, connections)
    assert len(told(shop_id, "shop_broken")) == 1
    watch_shop(shop_id, connections)
    assert told(shop_id, "shop_mended") == []

    woo.site.keys[key.consumer_key] = key
    watch_shop(shop_id, connections)

    assert len(told(shop_id, "shop_mended")) == 1
    assert connections.shop(shop_id).describe().currency == "EUR"


def test_a_refusal_of_the_old_key_does_not_break_the_new_one(
    shop_id: UUID, connections: Connections, woo: WooWorld, config: Config, clock: Clock
) -> None:
    old = connections.shop(shop_id)
    woo.revoke_key()
    clock.advance(seconds=1)
    key = woo.issue_key()
    keys = {"consumer_key": key.consumer_key, "consumer_secret": key.consumer_secret}
    connect(
        config,
        Newcomer(
            platform="woocommerce",
            domain=woo.url.partition("://")[2],
            url=woo.url,
            secret=Secret(kind="shop", values=keys),
        ),
    )

    with pytest.raises(AccessLost):
        old.describe()

    assert told(shop_id, "shop_broken") == []
    assert connections.shop(shop_id).describe().currency == "EUR"
