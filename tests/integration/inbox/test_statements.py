"""A batch of webhooks asks the database as often as one webhook does."""

from datetime import timedelta
from uuid import UUID, uuid4

from app import clock, flows
from app.commands.demo_world import preset_source
from app.config import Config
from app.inbox import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.models import Store
from app.tenancy import store_transaction
from tests.benchmarks.orders import Orders
from tests.conftest import START
from tests.statements import statements


def test_a_hundred_webhooks_take_as_many_statements_as_one(config: Config, store_id: UUID) -> None:
    orders = Orders(1, START)
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        for preset in ("abandoned-cart", "complementary-upsell", "post-sale"):
            flows.import_flow(session, store, preset_source(preset), clock.now())
            flows.activate(session, store, preset, clock.now(), timedelta(days=3))

    def applied(count: int) -> int:
        kept = [
            Kept(
                store_id=store_id,
                webhook_key=str(uuid4()),
                topic="orders/create",
                body=orders.body(),
                triggered_at=START,
            )
            for _ in range(count)
        ]
        insert_webhooks(kept)
        with statements() as seen:
            assert process_waiting(store_id, config) == count
        return seen.total()

    applied(1)  # The first of a store also reads its flows.
    of_one = applied(1)

    assert applied(100) == of_one
