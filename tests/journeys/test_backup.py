"""The rehearsal of a lost database, as docs/operations.md has it: dump, lose it, restore, migrate,
let everything since come again, and stand where we stood."""

from pathlib import Path

import pytest
from sqlalchemy import select, text

from app.inbox.lags import read_standing
from app.inbox.process import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.models import Webhook
from app.tenancy import platform_transaction
from tests.conftest import Machine
from tests.integration.operations.restoring import dump_of, restored
from tests.journeys.inboxes import Mailboxes
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.stage import Stage, StageClock

STATE = {
    "people": "SELECT email, phone, first_name, last_name, locale FROM customers",
    "identities": "SELECT kind, value FROM identities",
    "orders": "SELECT order_key, status, total_minor, currency, placed_at FROM orders",
    "lines": "SELECT order_key, product_key, quantity FROM order_lines",
    "carts": "SELECT status, total_minor, currency FROM carts",
    "consent": "SELECT channel, state, source, occurred_at FROM consent_ledger",
    "facts": "SELECT fact_key, kind, occurred_at FROM event_log",
    "journeys": "SELECT c.email, j.status, j.step, j.arm, j.end_reason, j.due_at"
    " FROM journeys j JOIN customers c USING (store_id, customer_id)",
    "messages": "SELECT message_id, status, sent_at FROM messages",
    "credentials": "SELECT kind, sealed FROM credentials",
}


def state(machine: Machine) -> dict[str, list[str]]:
    """All rows that matter, without the ids that each database gives by itself."""
    with machine.owner.connect() as connection:
        return {
            name: sorted(str(tuple(row)) for row in connection.execute(text(sql)))
            for name, sql in STATE.items()
        }


def webhooks_again() -> list[Kept]:
    """What the shop sends once more: everything, also what the dump has seen."""
    with platform_transaction("a test plays the shop") as session:
        return [
            Kept(
                store_id=row.store_id,
                webhook_key=row.webhook_key,
                topic=row.topic,
                body=row.body or b"",
                triggered_at=row.triggered_at,
            )
            for row in session.scalars(select(Webhook).order_by(Webhook.webhook_id))
        ]


@pytest.mark.requirement(129)
def test_a_restored_backup_and_what_came_since_are_the_state_that_was_lost(
    stage: Stage, database: Machine, clock: StageClock, tmp_path: Path
) -> None:
    email = Mailboxes(stage)
    shop = ShopifyStoryShop(stage)
    shop.joins()
    shop.runs("abandoned-cart")
    ana = shop.signs_up(someone("ana", agrees=("email",)))
    left = shop.cart(ana, "Timo")
    clock.advance(hours=2)
    dump = dump_of(database, tmp_path / "comeback.dump")
    at_the_dump = state(database)

    shop.buys(ana, basket=left)
    bea = shop.signs_up(someone("bea", agrees=("email",)))
    shop.cart(bea, "Miele")
    stage.settle()
    before, again = state(database), webhooks_again()
    assert before != at_the_dump

    with restored(database, dump) as found:
        assert state(found) == at_the_dump
        new = insert_webhooks(again)
        while process_waiting(shop.store_id, stage.config):
            pass

        assert 0 < len(new) < len(again)
        assert state(found) == before
        assert [lag.work for lag in read_standing().lags if lag.waiting] == []
    assert len(email.to(ana)) == 1
