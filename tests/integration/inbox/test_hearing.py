"""What a shop was heard on: one row a topic, whatever comes, and each store's its own."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import event

from app import db
from app.config import Config
from app.inbox import process_waiting
from app.inbox.hearing import hear, heartbeats
from app.inbox.receive import Kept, insert_webhooks
from app.models import Heartbeat
from app.tenancy import store_transaction
from tests.conftest import START, Clock, MakeStore


def known(store_id: UUID) -> dict[str, Heartbeat]:
    with store_transaction(store_id) as session:
        return {row.topic: row for row in heartbeats(session)}


def comes(store_id: UUID, key: str, topic: str, config: Config) -> None:
    webhook = Kept(store_id=store_id, webhook_key=key, topic=topic, body=b"{}", triggered_at=None)
    insert_webhooks([webhook])
    while process_waiting(store_id, config):
        pass


def test_each_topic_keeps_one_row_with_when_it_was_last_heard(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    comes(store_id, "1", "orders/create", config)
    comes(store_id, "2", "themes/publish", config)
    later = clock.advance(hours=3)
    comes(store_id, "3", "orders/create", config)

    found = known(store_id)
    assert set(found) == {"orders/create", "themes/publish"}
    assert (found["orders/create"].first_at, found["orders/create"].last_at) == (START, later)
    assert found["themes/publish"].last_at == START
    assert sum(bits.bit_count() for bits in found["orders/create"].hours) == 2


def test_a_batch_of_any_size_costs_two_statements(store_id: UUID) -> None:
    arrivals = [
        (topic, START + timedelta(minutes=n)) for n in range(100) for topic in ("a", "b", "c")
    ]
    told: list[str] = []
    event.listen(db.engine(), "before_cursor_execute", lambda *a: told.append(a[2]))

    with store_transaction(store_id) as session:
        told.clear()
        hear(session, arrivals)
        count = len(told)

    assert count == 2
    assert known(store_id)["b"].last_at == START + timedelta(minutes=99)


def test_what_is_applied_late_does_not_turn_the_clock_back(store_id: UUID) -> None:
    for at in (START, START - timedelta(hours=5)):
        with store_transaction(store_id) as session:
            hear(session, [("orders/create", at)])

    row = known(store_id)["orders/create"]
    assert (row.first_at, row.last_at) == (START - timedelta(hours=5), START)


def test_a_store_s_heartbeats_are_its_own(store_id: UUID, make_store: MakeStore) -> None:
    other = make_store()
    with store_transaction(store_id) as session:
        hear(session, [("orders/create", START)])

    assert known(other) == {}
