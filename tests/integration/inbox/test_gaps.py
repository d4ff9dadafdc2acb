"""A shop that stopped telling: it is found, its orders are read, nobody is mailed about the past,
and the page says which store it is."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app.config import Config
from app.flows import activate, import_flow
from app.inbox.findings import Code, Finding, find
from app.inbox.health import read_facts
from app.inbox.hearing import hear, heartbeats
from app.inbox.pulse import Colour
from app.inbox.sync import sync
from app.inbox.watch import watch_shop
from app.models import Message, Order
from app.sandbox.shopify import ShopifyWorld
from app.sandbox.woocommerce import WooWorld
from app.sandbox.woocommerce.shoppers import Shopper
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
NOBODY = "http://127.0.0.1:9"
HOOKS = f"{NOBODY}/webhooks/shopify"


@pytest.fixture
def deaf(config: Config, database: Machine) -> Config:
    """We are connected, and no webhook reaches us."""
    return config.model_copy(update={"public_url": NOBODY})


MakeShop = Callable[[], tuple[WooWorld, UUID]]


@pytest.fixture
def make_shop(deaf: Config, clock: Clock) -> Iterator[MakeShop]:
    """A connected WooCommerce shop whose history is read, with a flow for everybody who orders."""
    worlds: list[WooWorld] = []

    def make() -> tuple[WooWorld, UUID]:
        world = WooWorld()
        worlds.append(world)
        world.start()
        world.add_product("Timo", "9.00")
        keys = {"consumer_key": world.key.consumer_key}
        keys["consumer_secret"] = world.key.consumer_secret
        store_id = settle(
            Newcomer(
                platform="woocommerce",
                domain=world.url.partition("://")[2],
                url=world.url,
                secret=Secret(kind="shop", values=keys),
            ),
            deaf,
        )
        with store_transaction(store_id) as session:
            import_flow(session, this_store(session), FLOW, clock())
            activate(session, this_store(session), "test-flow", clock())
        return world, store_id

    yield make
    for world in worlds:
        world.stop()


def settle(newcomer: Newcomer, config: Config) -> UUID:
    store_id = connect(config, newcomer).store_id
    while sync(store_id, Connections(config)):
        pass
    watch_shop(store_id, Connections(config))
    return store_id


def buys(world: WooWorld) -> None:
    product = next(iter(world.site.products.values()))
    world.pay(world.place_order(ANA, {product.id: 1}))


def rows(store_id: UUID, table: type[Order] | type[Message]) -> int:
    with store_transaction(store_id) as session:
        return len(session.scalars(select(table)).all())


def findings(store_id: UUID) -> dict[Code, Finding]:
    with store_transaction(store_id) as session:
        found = {found.code: found for found in find(read_facts(session))}
    found.pop(Code.MAIL_SILENT, None)  # There is no Klaviyo here, and that is no gap.
    return found


def beats(store_id: UUID, clock: Clock, topic: str, *, weeks: int = 3) -> None:
    """The shop has told us of this topic every hour for weeks, until now."""
    times = [clock() - timedelta(hours=n) for n in range(weeks * 168)]
    with store_transaction(store_id) as session:
        hear(session, [(topic, at) for at in times])


def test_a_silent_day_is_found_its_orders_are_applied_and_nobody_is_mailed(
    make_shop: MakeShop, clock: Clock, deaf: Config
) -> None:
    world, store_id = make_shop()
    for _ in range(6):
        clock.advance(hours=4)
        buys(world)
    clock.advance(hours=1)

    watch_shop(store_id, Connections(deaf))
    watch_shop(store_id, Connections(deaf))

    missed = findings(store_id)[Code.CHANGES_MISSED]
    assert (rows(store_id, Order), rows(store_id, Message)) == (6, 0)
    assert (missed.colour, missed.orders) == (Colour.AMBER, 6)
    assert missed.since == clock() - timedelta(hours=21)


def test_a_gap_is_over_a_day_after_the_last_of_it(
    make_shop: MakeShop, clock: Clock, deaf: Config
) -> None:
    world, store_id = make_shop()
    buys(world)
    clock.advance(hours=2)
    watch_shop(store_id, Connections(deaf))
    assert Code.CHANGES_MISSED in findings(store_id)

    clock.advance(hours=25)
    watch_shop(store_id, Connections(deaf))

    assert findings(store_id) == {}


def test_a_hook_that_woocommerce_switched_off_is_made_anew(
    make_shop: MakeShop, clock: Clock, deaf: Config
) -> None:
    world, store_id = make_shop()
    for hook in world.site.hooks.values():
        hook.status = "active" if hook.topic == "order.created" else "paused"
        hook.ping_due = False
    for _ in range(7):
        buys(world)
        world.pump()
    off = {hook.topic for hook in world.site.hooks.values() if hook.status == "disabled"}
    assert off == {"order.created"}
    clock.advance(hours=1)

    watch_shop(store_id, Connections(deaf))

    assert {hook.status for hook in world.site.hooks.values()} == {"active"}
    assert rows(store_id, Order) == 7


@pytest.fixture
def shopify(clock: Clock, deaf: Config) -> Iterator[tuple[ShopifyWorld, Config]]:
    world = ShopifyWorld(hook_url=HOOKS)
    yield world, deaf.model_copy(update={"shopify_endpoint": world.start()})
    world.stop()
    world.office.close()


def test_a_subscription_that_shopify_removed_is_made_anew(
    shopify: tuple[ShopifyWorld, Config], clock: Clock
) -> None:
    world, config = shopify
    shop = world.add_shop("officina.myshopify.com", "EUR", "Europe/Rome")
    world.custom_app(shop, "shpat_x", "shpss_x")
    secret = Secret(kind="shop", values={"access_token": "shpat_x"})
    store_id = settle(
        Newcomer(
            platform="shopify",
            domain=shop.domain,
            url=f"https://{shop.domain}",
            secret=secret,
            webhook_secret="shpss_x",
        ),
        config,
    )
    gone = next(one for one in shop.subscriptions if one.topic == "orders/create")
    shop.subscriptions.remove(gone)

    watch_shop(store_id, Connections(config))

    assert [one.topic for one in shop.subscriptions].count("orders/create") == 1


def test_of_two_stores_only_the_silent_one_is_red(
    make_shop: MakeShop, clock: Clock, deaf: Config
) -> None:
    (silent, silent_id), (_, quiet_id) = make_shop(), make_shop()
    for store_id in (silent_id, quiet_id):
        beats(store_id, clock, "order.created")
    clock.advance(hours=2)
    buys(silent)
    clock.advance(hours=8)

    for store_id in (silent_id, quiet_id):
        watch_shop(store_id, Connections(deaf))

    red = findings(silent_id)[Code.TOPIC_SILENT]
    assert (red.subject, red.colour) == ("order.created", Colour.RED)
    assert red.since == clock() - timedelta(hours=10)
    # The other shop was read as well: it has nothing to tell, so its silence is its own.
    assert findings(quiet_id) == {}


def test_a_silent_topic_is_green_again_when_it_is_heard(
    make_shop: MakeShop, clock: Clock, deaf: Config
) -> None:
    _, store_id = make_shop()
    beats(store_id, clock, "cart.updated")
    clock.advance(hours=12)
    assert findings(store_id)[Code.TOPIC_SILENT].colour is Colour.RED

    with store_transaction(store_id) as session:
        hear(session, [("cart.updated", clock())])

    assert findings(store_id) == {}


def test_a_shop_s_history_tells_its_rhythm_before_any_webhook_has_come(
    deaf: Config, clock: Clock
) -> None:
    world = WooWorld()
    world.start()
    world.add_product("Timo", "9.00")
    for _ in range(30):
        clock.advance(hours=13)
        buys(world)
    keys = {"consumer_key": world.key.consumer_key, "consumer_secret": world.key.consumer_secret}
    store_id = settle(
        Newcomer(
            platform="woocommerce",
            domain=world.url.partition("://")[2],
            url=world.url,
            secret=Secret(kind="shop", values=keys),
        ),
        deaf,
    )
    world.stop()

    with store_transaction(store_id) as session:
        (row,) = heartbeats(session)

    assert (row.topic, row.last_at) == ("order.created", clock())
    assert sum(bits.bit_count() for bits in row.hours) == 30


def test_a_shop_that_cannot_be_reached_is_amber_and_after_three_hours_red(
    make_shop: MakeShop, clock: Clock, deaf: Config
) -> None:
    world, store_id = make_shop()
    world.stop()
    began = clock.advance(hours=1)
    colours = []
    for hours in (0, 4):
        clock.advance(hours=hours)
        watch_shop(store_id, Connections(deaf))
        colours.append(findings(store_id)[Code.SHOP_UNREACHABLE].colour)

    assert colours == ["amber", "red"]
    assert findings(store_id)[Code.SHOP_UNREACHABLE].since == began
