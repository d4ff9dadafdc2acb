"""Whoever holds an old webhook and its signature cannot do anything with it a second time."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from app.config import Config
from app.inbox.process import process_waiting
from app.inbox.retention import forget_old
from app.models import Customer, LoggedFact, Order, Webhook, WebhookStatus
from app.tenancy import store_transaction
from tests.conftest import Clock, MakeStore
from tests.web.test_bad_input import SHOP, deliver, kept

PAYLOADS = Path(__file__).parents[1] / "payloads" / "shopify"


@pytest.fixture
def store(make_store: MakeStore) -> UUID:
    return make_store(domain=SHOP, url=f"https://{SHOP}")


def told(name: str, **changes: Any) -> bytes:
    return json.dumps({**json.loads((PAYLOADS / name).read_text()), **changes}).encode()


def state(store_id: UUID) -> tuple[list[str], int, list[str | None]]:
    """The orders' states, how many facts are on record, and everybody who is known."""
    with store_transaction(store_id) as session:
        orders = list(session.scalars(select(Order.status).order_by(Order.order_key)))
        facts = len(session.scalars(select(LoggedFact)).all())
        people = list(session.scalars(select(Customer.email).order_by(Customer.customer_id)))
    return orders, facts, people


def test_a_webhook_of_long_ago_is_still_known_when_its_words_are_forgotten(
    client: FlaskClient, store: UUID, config: Config, clock: Clock
) -> None:
    assert deliver(client, told("orders_create.json")) == 200
    process_waiting(store, config)
    before = state(store)
    clock.advance(days=config.webhook_days + 1)
    forget_old(store, config)

    assert deliver(client, told("orders_create.json")) == 200
    process_waiting(store, config)

    (row,) = kept(store)
    assert (row.status, row.body) == (WebhookStatus.APPLIED, None)
    assert state(store) == before


def test_under_a_new_id_which_nobody_signs_an_old_state_changes_nothing(
    client: FlaskClient, store: UUID, config: Config
) -> None:
    key = json.loads(told("orders_create.json"))["id"]
    cancelled = told("orders_cancelled.json", id=key)
    deliver(client, told("orders_create.json"), key="1")
    deliver(client, cancelled, key="2", **{"X-Shopify-Topic": "orders/cancelled"})
    process_waiting(store, config)
    before = state(store)
    assert before[0] == ["cancelled"]

    deliver(client, told("orders_create.json"), key="3")
    process_waiting(store, config)

    assert state(store) == before


@pytest.mark.parametrize(
    "topic", ["customers/redact", "customers/data_request", "app/uninstalled", "shop/redact"]
)
def test_under_another_topic_which_nobody_signs_an_order_ends_nothing(
    client: FlaskClient, store: UUID, config: Config, topic: str
) -> None:
    deliver(client, told("orders_create.json"), key="1")
    process_waiting(store, config)
    before = state(store)

    deliver(client, told("orders_create.json"), key="2", **{"X-Shopify-Topic": topic})
    process_waiting(store, config)

    assert state(store) == before
    with store_transaction(store) as session:
        failed = select(Webhook.error).where(Webhook.status == WebhookStatus.FAILED)
        assert "domain" in (session.scalars(failed).one() or "")
