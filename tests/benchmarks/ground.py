"""What every measurement stands on: servers from their wheels in a temporary folder, the world on
loopback, stores with the presets live, and processes that work as workers do."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

from app import clock, customers, db, embedded, flows, jobs, logs
from app.commands.demo_world import SETTINGS, World, preset_source
from app.config import Config
from app.crypto import Vault, new_key
from app.factory import connect_process
from app.models import Store, new_id
from app.ports import free_port
from app.schema import migrate
from app.stores.credentials import Secret, save
from app.tenancy import APP_ROLE, platform_transaction, store_transaction
from workers.main import collect_seldom

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday, inside everybody's hours. The clock stands still: only the stopwatch runs."""

WEBHOOK_SECRET = "x"
WORKERS = 2
FIVE = ("abandoned-cart", "complementary-upsell", "nurture", "post-sale", "welcome")
"""The flows that are live: two begin with an order, two end with one, one looks who belongs."""

ENDINGS = {"shopify": "myshopify.com", "woocommerce": "example"}


@dataclass(frozen=True)
class Ground:
    """`config` is what the app's processes get; `mailing` is a store with shop and Klaviyo;
    `owner_url` is for making data past the laws of the app; `pool` has two warm workers."""

    config: Config
    port: int
    mailing: UUID
    owner_url: str
    pool: ProcessPoolExecutor


@contextmanager
def ground() -> Iterator[Ground]:
    """Everything started; all of it stopped and thrown away at the end."""
    folder, world, port = embedded.temporary_folder(), World(), free_port()
    servers = embedded.start(folder)
    world.start()
    clock.use(lambda: NOON)
    try:
        config = _config(servers, world, port)
        assert config.database_url
        migrate(servers.postgres_url, config.database_url)
        connect_process(config)
        world.populate(config, 2, Random(7))
        with workers(config, WORKERS) as pool:
            yield Ground(config, port, next(iter(world.fronts)), servers.postgres_url, pool)
    finally:
        clock.use(None)
        db.disconnect()
        world.stop()
        servers.stop()
        embedded.discard(folder)


def _config(servers: embedded.Servers, world: World, port: int) -> Config:
    given = {
        name.lower(): value for name, value in world.settings(f"http://127.0.0.1:{port}").items()
    }
    return Config.model_validate(
        given
        | {
            "database_url": embedded.app_url(servers.postgres_url, APP_ROLE),
            "redis_url": servers.redis_url,
            "secret_keys": new_key(),
            "trusted_proxies": 0,
            "log_level": "ERROR",
        }
    )


def new_store(config: Config, *, presets: bool, platform: str = "shopify") -> UUID:
    """A connected shop; with `presets` five flows of the house are live in it."""
    store_id = new_id()
    name = f"bench-{store_id.hex[-12:]}.{ENDINGS[platform]}"
    row = {"platform": platform, "domain": name, "url": f"https://{name}", "name": "Bench"}
    place = {"currency": "EUR", "timezone": "Europe/Rome", "country": "IT", "locale": "it"}
    with platform_transaction("a benchmark makes a store") as session:
        session.add(Store(store_id=store_id, settings=SETTINGS, **row, **place))
        session.flush()
        # Every connected store has one, and the web process remembers it.
        secret = Secret(kind="webhook", values={"current": WEBHOOK_SECRET})
        save(session, Vault(config.keys), store_id, secret)
    if presets:
        _go_live(store_id)
    return store_id


def domain_of(store_id: UUID) -> str:
    with store_transaction(store_id) as session:
        return session.get_one(Store, store_id).domain


def _go_live(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        for preset in FIVE:
            flows.import_flow(session, store, preset_source(preset), clock.now())
            flows.activate(session, store, preset, clock.now(), timedelta(days=3))
        # As in any store, whoever does something is graded at once.
        customers.walk(session, store, clock.now())


@contextmanager
def workers(config: Config, count: int) -> Iterator[ProcessPoolExecutor]:
    """Processes that are connected and warm before anything is measured."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(count, context, initializer=_begin, initargs=(config,)) as pool:
        for ready in [pool.submit(_is_up, 0.2) for _ in range(count)]:
            ready.result()
        yield pool


def _begin(config: Config) -> None:
    clock.use(lambda: NOON)
    logs.configure("ERROR")
    assert config.database_url and config.redis_url
    db.connect(config.database_url)
    jobs.connect(config.redis_url)
    collect_seldom()


def _is_up(seconds: float) -> None:
    # Long enough that no process is asked twice before all have begun.
    multiprocessing.get_context("spawn").Event().wait(seconds)
