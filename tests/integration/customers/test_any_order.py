"""Facts out of order, twice, in other batches, or from the log alone: the same state."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import customers
from app.customers.log import read
from app.events import CustomerFact, Person
from app.models import LoggedFact
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.integration.customers.histories import histories
from tests.integration.customers.people import cart, choice, order, seen, tell
from tests.integration.customers.projection import project

_some = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    database=None,
    # A failing history is readable as it is, and shrinking one on a real database takes minutes.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def state_of(store_id: UUID) -> dict[str, Any]:
    with store_transaction(store_id) as session:
        return project(session)


def apply_in_pieces(store_id: UUID, facts: Sequence[CustomerFact], sizes: Sequence[int]) -> None:
    start = 0
    for size in [*sizes, len(facts)]:
        tell(store_id, *facts[start : start + size])
        start += size


def logged(store_id: UUID) -> list[CustomerFact]:
    with store_transaction(store_id) as session:
        rows = session.scalars(select(LoggedFact).order_by(LoggedFact.fact_key))
        return [read(row).fact for row in rows]


@settings(_some, max_examples=60)
@given(data=st.data())
def test_any_order_repeats_and_batches_give_the_state_of_the_ordered_facts(
    make_store: MakeStore, data: st.DataObject
) -> None:
    ordered, shuffled = make_store(), make_store()
    facts = data.draw(histories())
    again = data.draw(st.lists(st.sampled_from(facts), max_size=4))
    mixed = data.draw(st.permutations([*facts, *again]))
    sizes = data.draw(st.lists(st.integers(min_value=1, max_value=6), max_size=8))

    tell(ordered, *facts)
    apply_in_pieces(shuffled, mixed, sizes)

    assert state_of(shuffled) == state_of(ordered)


@_some
@given(data=st.data())
def test_the_log_alone_tells_the_state_again(make_store: MakeStore, data: st.DataObject) -> None:
    store_id, elsewhere = make_store(), make_store()
    facts = data.draw(histories(longest=60))
    sizes = data.draw(st.lists(st.integers(min_value=1, max_value=12), max_size=8))
    apply_in_pieces(store_id, data.draw(st.permutations(facts)), sizes)
    before = state_of(store_id)

    with store_transaction(store_id) as session:
        customers.rebuild(session)
    tell(elsewhere, *logged(store_id))

    assert state_of(store_id) == before
    assert state_of(elsewhere) == before


def test_a_fact_the_log_knows_changes_nothing(store_id: UUID) -> None:
    facts = _one_of_each()
    first = tell(store_id, *facts)
    before = state_of(store_id)

    again = tell(store_id, *reversed(facts))

    assert first and again == []
    assert state_of(store_id) == before


def _one_of_each() -> list[CustomerFact]:
    ana = Person(platform_key="7", email="ana@example.com")
    return [
        seen(0, platform_key="7", email="ana@example.com"),
        cart("c1", "t1", minutes=1, person=ana),
        order("1", 2, ana, cart_keys=("t1",)),
        choice(3, "subscribed", email="ana@example.com"),
    ]
