"""Asked to end, every process finishes what is in hand, loses nothing and holds nothing back."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from app import jobs
from app.config import Config
from app.inbox.receive import Kept, insert_webhooks
from app.models import Store
from app.tenancy import store_transaction
from tests.conftest import Machine
from tests.integration.operations.processes import running, wait_for_web
from tests.waiting import until

WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"


@contextmanager
def held(machine: Machine, table: str) -> Iterator[Callable[[], None]]:
    """Nobody may write into `table` until this ends; the value waits until somebody wants to."""
    with machine.owner.connect() as holder, machine.owner.connect() as other:
        watcher = other.execution_options(isolation_level="AUTOCOMMIT")
        holder.execute(text(f"LOCK TABLE {table} IN EXCLUSIVE MODE"))

        def somebody_waits() -> None:
            until(lambda: bool(watcher.execute(text(WAITS)).scalar_one()))

        yield somebody_waits
        holder.rollback()


def kept(machine: Machine) -> list[str]:
    with machine.owner.connect() as connection:
        return list(connection.execute(text("SELECT status FROM webhooks")).scalars())


def test_web_answers_the_request_it_has_begun_and_what_it_answered_is_kept(
    settings: Config, database: Machine, store_id: UUID, order: bytes
) -> None:
    with store_transaction(store_id) as session:
        domain = session.get_one(Store, store_id).domain
    secret = settings.shopify_api_secret.encode()
    signature = base64.b64encode(hmac.digest(secret, order, hashlib.sha256)).decode()
    headers = {
        "X-Shopify-Shop-Domain": domain,
        "X-Shopify-Topic": "orders/create",
        "X-Shopify-Webhook-Id": "one",
        "X-Shopify-Hmac-Sha256": signature,
    }
    answers: list[int] = []

    def deliver() -> None:
        url = f"{settings.public_url}/webhooks/shopify"
        answers.append(httpx.post(url, content=order, headers=headers, timeout=30).status_code)

    with running("web", settings) as web:
        wait_for_web(settings)
        caller = threading.Thread(target=deliver)
        with held(database, "webhooks") as somebody_waits:
            caller.start()
            somebody_waits()
            web.ask_to_end()
        caller.join(30)

        assert web.ended() == 0, web.said
    assert answers == [200]
    assert kept(database) == ["waiting"]


@pytest.mark.requirement(129)
def test_a_worker_finishes_its_batch_and_leaves_no_lock_no_lease_and_no_failed_job(
    settings: Config, database: Machine, store_id: UUID, order: bytes
) -> None:
    with running("worker", settings) as worker:
        with held(database, "event_log") as somebody_waits:
            insert_webhooks(
                [
                    Kept(
                        store_id=store_id,
                        webhook_key="one",
                        topic="orders/create",
                        body=order,
                        triggered_at=None,
                    )
                ]
            )
            somebody_waits()
            worker.ask_to_end()
        assert worker.ended() == 0, worker.said

    assert kept(database) == ["applied"]
    assert "duty_failed" not in "".join(worker.said)
    assert jobs.redis().zcard("rq:failed:inbox") == 0
    with database.owner.connect() as connection:
        leases = text("SELECT count(*) FROM journeys WHERE lease_until IS NOT NULL")
        assert connection.execute(leases).scalar_one() == 0


def test_an_idle_worker_and_the_ticker_end_at_once_and_in_peace(
    settings: Config, store_id: UUID
) -> None:
    with running("ticker", settings) as ticker:
        until(lambda: jobs.waiting()["rhythm"] == 1)
        with running("worker", settings) as worker:
            until(lambda: not any(jobs.waiting().values()))
            for process in (ticker, worker):
                process.ask_to_end()

            assert [ticker.ended(), worker.ended()] == [0, 0], ticker.said + worker.said
    # The store of this test has no shop behind it, and that is all there is to say.
    assert {json.loads(line)["event"] for line in ticker.said + worker.said} <= {"watch_failed"}
