"""Scores follow from the facts alone, in any order they came in and however they are looked at."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.customers.grades import Measure
from app.customers.stages import SILENT_DAYS
from app.customers.standing import KINDS, stand_part
from app.events import CustomerActed, CustomerFact
from app.models import Standing, StoreMeasure
from app.science.rfm import Bounds
from app.tenancy import store_transaction
from tests.conftest import Clock, MakeStore
from tests.integration.customers.histories import histories, persons
from tests.integration.customers.people import at
from tests.integration.customers.projection import people_of
from tests.integration.customers.test_any_order import apply_in_pieces

FIFTHS = (1_000, 2_000, 3_000, 4_000)
SCORES = ("recency", "frequency", "money", *KINDS, "lead_score", "signals")
NAMES = ("link_clicked", "product_viewed", "ticket_opened", "complaint_made", "payment_failed")


@st.composite
def acts(draw: st.DrawFn) -> CustomerFact:
    name, minute = draw(st.sampled_from(NAMES)), draw(st.integers(0, 400))
    return CustomerActed(
        event_key=f"{name}-{minute}", name=name, person=draw(persons()), updated_at=at(minute)
    )


def measured(store_id: UUID) -> None:
    """From now on each change of a person moves them at once."""
    moment = {"measured_at": at(0), "due_at": at(0)}
    with store_transaction(store_id) as session:
        session.add(StoreMeasure(store_id=store_id, fifths=list(FIFTHS), **moment))


def scores(store_id: UUID) -> list[tuple[tuple[str, ...], dict[str, Any]]]:
    """By who somebody is."""
    with store_transaction(store_id) as session:
        names = people_of(session)
        rows = session.scalars(select(Standing))
        found = [(names[row.customer_id], {n: getattr(row, n) for n in SCORES}) for row in rows]
    return sorted(found, key=repr)


def looked_at_whole(store_id: UUID, clock: Clock) -> int:
    """How many a look at everybody moves."""
    by = Measure(Bounds(), FIFTHS, SILENT_DAYS)
    with store_transaction(store_id) as session:
        return stand_part(session, by, clock())[0]


@settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_scores_do_not_depend_on_the_order_of_events(
    make_store: MakeStore, clock: Clock, data: st.DataObject
) -> None:
    facts = [*data.draw(histories(longest=10)), *data.draw(st.lists(acts(), max_size=6))]
    mixed = data.draw(st.permutations([*facts, data.draw(st.sampled_from(facts))]))
    sizes = data.draw(st.lists(st.integers(min_value=1, max_value=5), max_size=5))
    ordered, shuffled = make_store(), make_store()
    clock.travel(at(500))
    for store_id in (ordered, shuffled):
        measured(store_id)

    apply_in_pieces(ordered, facts, [len(facts)])
    apply_in_pieces(shuffled, mixed, sizes)

    found = scores(ordered)
    assert scores(shuffled) == found
    assert looked_at_whole(ordered, clock) == looked_at_whole(shuffled, clock) == 0
    assert scores(ordered) == found
