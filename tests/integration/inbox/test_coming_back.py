"""Who comes back after they were forgotten, by what, and who never does."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from app import customers
from app.config import Config
from app.customers.suppression import ERASED, FORGOTTEN
from app.models import Order, Suppression
from app.tenancy import store_transaction
from tests.conftest import START, Clock
from tests.integration.customers.people import choice, order, tell
from tests.integration.inbox.silence import (
    ANA,
    LONG,
    MINUTES,
    acts,
    is_forgotten,
    night,
    people,
    record,
)


def tombstones(store_id: UUID) -> set[str]:
    with store_transaction(store_id) as session:
        return set(session.scalars(select(Suppression.reason)))


@pytest.mark.requirement(125)
def test_who_had_refused_is_never_brought_back(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    tell(
        store_id,
        choice(1, "unsubscribed", email=ANA.email, platform_key="7"),
        keys=config.keys,
    )
    clock.travel(START + LONG)
    night(store_id, config)

    tell(store_id, order("1", 0, ANA), live=False, source="import", keys=config.keys)
    tell(
        store_id,
        order("9", MINUTES + 5, ANA),
        choice(MINUTES + 6, "subscribed", email=ANA.email),
        keys=config.keys,
    )

    assert people(store_id) == []
    assert tombstones(store_id) == {ERASED}
    with store_transaction(store_id) as session:
        keys = config.keys
        assert customers.is_suppressed(session, "email", "ana@example.com", keys=keys) == ERASED
        assert session.get_one(Order, (store_id, "9")).customer_id is None


def test_who_was_only_silent_comes_back_by_what_they_do_and_by_nothing_else(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    clock.travel(START + LONG)
    night(store_id, config)
    assert tombstones(store_id) == {FORGOTTEN}

    history = [order("1", 0, ANA), order("2", MINUTES + 9, ANA)]
    tell(store_id, *history, live=False, source="import", keys=config.keys)
    tell(store_id, order("1", 1, ANA), acts("page_viewed")(1), keys=config.keys)
    tell(store_id, record(MINUTES + 9), keys=config.keys)
    tell(store_id, acts("payment_failed")(MINUTES + 9), keys=config.keys)
    assert people(store_id) == []

    tell(store_id, record(MINUTES + 10), order("3", MINUTES + 10, ANA), keys=config.keys)
    tell(store_id, record(MINUTES + 11), keys=config.keys)

    assert people(store_id) == ["ana@example.com"]
    assert tombstones(store_id) == set()
    with store_transaction(store_id) as session:
        back = customers.find_customer(session, "ana@example.com")
        assert back is not None
        assert (back.customer_id != ana, back.orders_count, back.suppressed) == (True, 1, {})
        assert customers.consent_now(session, [back.customer_id])[back.customer_id] == {}
    assert is_forgotten(store_id, ana)


def test_an_old_order_follows_who_came_back_and_never_joins_them_to_their_past(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    clock.travel(START + LONG)
    night(store_id, config)
    tell(store_id, order("3", MINUTES + 10, ANA), keys=config.keys)

    touched = order("1", 0, ANA, updated_at=START + LONG + timedelta(minutes=20))
    tell(store_id, touched, keys=config.keys)

    with store_transaction(store_id) as session:
        back = customers.find_customer(session, "ana@example.com")
        assert back is not None and back.customer_id != ana
        assert session.get_one(Order, (store_id, "1")).customer_id == back.customer_id
    assert is_forgotten(store_id, ana)


def test_a_dead_address_stays_dead_when_its_person_is_forgotten(
    store_id: UUID, ana: UUID, clock: Clock, config: Config
) -> None:
    with store_transaction(store_id) as session:
        customers.suppress(session, "email", "ana@example.com", "bounced", keys=config.keys)
    clock.travel(START + LONG)
    night(store_id, config)

    tell(store_id, order("3", MINUTES + 10, ANA), keys=config.keys)

    assert people(store_id) == []
