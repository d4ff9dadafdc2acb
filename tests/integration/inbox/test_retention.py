"""Law 9: old words go, records stay."""

from uuid import UUID

from sqlalchemy import select

from app.config import Config
from app.inbox.receive import Kept, insert_webhooks
from app.inbox.retention import forget_old
from app.inbox.sweep import all_stores
from app.models import Letter, Notice, Store, StoreStatus, Webhook, WebhookStatus
from app.tenancy import store_transaction
from tests.conftest import Clock


def test_an_old_webhook_loses_its_body_and_is_still_recognised(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    webhook = Kept(
        store_id=store_id, webhook_key="a", topic="orders/create", body=b"{}", triggered_at=None
    )
    insert_webhooks([webhook])
    with store_transaction(store_id) as session:
        session.scalars(select(Webhook)).one().status = WebhookStatus.APPLIED

    clock.advance(days=59)
    assert forget_old(store_id, config) == 0
    clock.advance(days=2)
    assert forget_old(store_id, config) == 1

    assert insert_webhooks([webhook]) == set()
    with store_transaction(store_id) as session:
        assert session.scalars(select(Webhook.body)).one() is None


def test_a_notice_of_two_years_ago_and_its_letter_go_also_where_the_store_has_left(
    store_id: UUID, clock: Clock, config: Config
) -> None:
    with store_transaction(store_id) as session:
        session.add(Notice(store_id=store_id, notice_key="a", kind="call_failed", title="Ana"))
        session.add(Letter(store_id=store_id, done_at=clock.moment))
        session.get_one(Store, store_id).status = StoreStatus.UNINSTALLED

    clock.advance(days=731)
    for each in all_stores():
        forget_old(each, config)

    with store_transaction(store_id) as session:
        assert session.scalars(select(Notice)).all() == []
        assert session.scalars(select(Letter)).all() == []


def test_what_still_waits_is_never_emptied(store_id: UUID, clock: Clock, config: Config) -> None:
    insert_webhooks(
        [Kept(store_id=store_id, webhook_key="a", topic="x", body=b"{}", triggered_at=None)]
    )
    clock.advance(days=400)

    assert forget_old(store_id, config) == 0
