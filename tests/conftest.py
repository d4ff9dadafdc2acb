"""Real PostgreSQL and Valkey for every test process; a clean database, a still clock per test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import Engine, create_engine, text

from app import clock as app_clock
from app import db, embedded, jobs, logs
from app.config import Config
from app.crypto import new_key
from app.models import Store, new_id
from app.schema import migrate
from app.tenancy import platform_transaction
from tests.ear import Ear, addresses_in
from workers.main import collect_seldom

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""A Monday morning, far from any clock change."""


class Clock:
    """The clock of one test. It stands still until it is moved."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment

    def advance(self, **amount: float) -> datetime:
        self.moment += timedelta(**amount)
        return self.moment

    def travel(self, moment: datetime) -> datetime:
        self.moment = moment
        return moment


@dataclass(frozen=True)
class Machine:
    """The servers of one test process."""

    owner_url: str
    app_url: str
    redis_url: str
    owner: Engine


@pytest.fixture(scope="session")
def machine() -> Iterator[Machine]:
    folder = embedded.temporary_folder()
    servers = embedded.start(folder)
    app_url = embedded.app_url(servers.postgres_url, "comeback_app")
    owner = create_engine(db.driver_url(servers.postgres_url))
    with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Nobody will want this data after a power cut, and the tests are quicker without the waits.
        connection.execute(text("ALTER SYSTEM SET fsync = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    migrate(servers.postgres_url, app_url)
    yield Machine(servers.postgres_url, app_url, servers.redis_url, owner)
    db.disconnect()
    owner.dispose()
    servers.stop()
    embedded.discard(folder)


@pytest.fixture(autouse=True, scope="session")
def _collect_seldom() -> None:
    """As in a worker: a suite makes and drops as many objects as a day of its work."""
    collect_seldom()


@pytest.fixture(autouse=True)
def _nobody_in_the_logs() -> Iterator[None]:
    """Whatever a test does, the app at its most talkative names nobody's address or number."""
    ear = Ear()
    logs.configure("DEBUG", ear)
    yield
    assert addresses_in(ear.getvalue()) == [], "The log is about people."


@pytest.fixture
def clock() -> Iterator[Clock]:
    moved = Clock()
    app_clock.use(moved)
    yield moved
    app_clock.use(None)


@pytest.fixture
def config() -> Config:
    return Config(
        secret_keys=new_key(),
        shopify_api_key="test-client",
        shopify_api_secret="test-secret",
        klaviyo_client_id="klaviyo-client",
        klaviyo_client_secret="klaviyo-secret",
        allow_private_addresses=True,
        public_url="https://comeback.example",
    )


@pytest.fixture
def database(machine: Machine, clock: Clock) -> Machine:
    """This process connected as the app, with no store in the database and an empty queue."""
    with machine.owner.begin() as connection:
        connection.execute(text("DELETE FROM stores"))
        connection.execute(text("DELETE FROM pending_connections"))
    if not db.is_connected_to(machine.app_url):
        db.connect(machine.app_url)
    jobs.connect(machine.redis_url).flushdb()
    return machine


MakeStore = Callable[..., UUID]


@pytest.fixture
def make_store(database: Machine) -> MakeStore:
    """Add a store row, by keyword over an Italian Shopify shop's values, and return its id."""

    def make(**values: object) -> UUID:
        store_id = new_id()
        number = store_id.hex[-12:]
        row = {
            "store_id": store_id,
            "platform": "shopify",
            "domain": f"shop-{number}.myshopify.com",
            "url": f"https://shop-{number}.myshopify.com",
            "name": "Erbe Buone",
            "currency": "EUR",
            "timezone": "Europe/Rome",
            "country": "IT",
            "locale": "it",
            **values,
        }
        with platform_transaction("a test makes a store") as session:
            session.add(Store(**row))
        return row["store_id"]  # type: ignore[return-value]

    return make


@pytest.fixture
def store_id(make_store: MakeStore) -> UUID:
    return make_store()
