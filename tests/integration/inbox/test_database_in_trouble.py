"""A database that goes away in the middle of a batch: nothing is given up for it."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import Connection, func, select, text

from app.config import Config
from app.inbox import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.models import Order, Webhook
from app.tenancy import store_transaction
from app.trouble import is_passing
from tests.conftest import Clock, Machine
from tests.waiting import until

ORDER = Path(__file__).parents[2] / "payloads" / "shopify" / "orders_create.json"
WAITING_FOR_A_LOCK = (
    "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'comeback_app'"
)


@pytest.fixture
def locked(database: Machine) -> Iterator[Connection]:
    """Somebody holds the table of orders, so that whoever applies one has to wait."""
    with database.owner.connect() as connection:
        connection.execute(text("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE"))
        yield connection


def cut_whoever_waits(connection: Connection) -> None:
    waiting = text(WAITING_FOR_A_LOCK)
    until(lambda: connection.scalars(waiting).all(), every=0.02)
    for pid in connection.scalars(waiting).all():
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})


def statuses(store_id: UUID) -> list[str]:
    with store_transaction(store_id) as session:
        return list(session.scalars(select(Webhook.status)))


def orders(store_id: UUID) -> int:
    with store_transaction(store_id) as session:
        return session.scalar(select(func.count()).select_from(Order)) or 0


def test_a_connection_cut_while_an_order_is_applied_gives_up_nothing(
    store_id: UUID, config: Config, clock: Clock, locked: Connection
) -> None:
    clock.advance(hours=1)
    kept = Kept(
        store_id=store_id,
        webhook_key="a",
        topic="orders/create",
        body=ORDER.read_bytes(),
        triggered_at=None,
    )
    insert_webhooks([kept])

    with ThreadPoolExecutor(1) as pool:
        settled: Future[int] = pool.submit(process_waiting, store_id, config)
        cut_whoever_waits(locked)
        assert settled.result(timeout=30) == 0
    locked.rollback()

    assert (statuses(store_id), orders(store_id)) == (["waiting"], 0)
    assert process_waiting(store_id, config) == 1
    assert (statuses(store_id), orders(store_id)) == (["applied"], 1)


def test_an_error_of_the_data_is_not_taken_for_one_of_the_database(database: Machine) -> None:
    with database.owner.connect() as connection:
        with pytest.raises(Exception, match="division by zero") as by_zero:
            connection.execute(text("SELECT 1 / 0"))
        connection.rollback()
        connection.execute(text("SET LOCAL statement_timeout = '10ms'"))
        with pytest.raises(Exception, match="statement timeout") as too_long:
            connection.execute(text("SELECT pg_sleep(5)"))
        connection.rollback()
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))

    assert not is_passing(by_zero.value)
    assert not is_passing(too_long.value)
    assert not is_passing(ValueError("not a word from a database"))
