"""Shops that leave: nothing fills them again, and nothing is tried for ever on their behalf."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from app.config import Config
from app.inbox.process import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.models import Customer, Store, StoreStatus, Webhook
from app.tenancy import store_transaction
from tests.conftest import Clock


def arrives(store_id: UUID, topic: str, clock: Clock, **body: Any) -> None:
    webhook = Kept(
        store_id=store_id,
        webhook_key=topic,
        topic=topic,
        body=json.dumps(body).encode(),
        triggered_at=clock(),
    )
    insert_webhooks([webhook])


def set_status(store_id: UUID, status: StoreStatus) -> None:
    with store_transaction(store_id) as session:
        session.get_one(Store, store_id).status = status


@pytest.mark.parametrize(("status", "people"), [("active", 1), ("erased", 0)])
def test_a_late_webhook_does_not_fill_an_erased_store_again(
    store_id: UUID, clock: Clock, config: Config, status: str, people: int
) -> None:
    set_status(store_id, StoreStatus(status))
    moment = (clock() - timedelta(minutes=1)).isoformat()

    arrives(
        store_id,
        "customers/create",
        clock,
        id=7,
        email="ana@example.com",
        created_at=moment,
        updated_at=moment,
    )
    assert process_waiting(store_id, config) == 1

    with store_transaction(store_id) as session:
        webhook = session.scalars(select(Webhook)).one()
        assert (webhook.status == "ignored") is (status == "erased")
        assert (webhook.body is None) is (status == "erased")
        assert session.scalar(select(func.count()).select_from(Customer)) == people
