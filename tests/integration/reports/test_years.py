"""Of two years: who of the first bought in the second, how often and for how much."""

from datetime import timedelta
from uuid import UUID

from app.reports.levers import Year
from tests.conftest import START, MakeStore
from tests.integration.reports.shop import person, reported

LAST, BEFORE, EARLIER = (START - timedelta(days=days) for days in (100, 500, 800))


def test_two_years_are_counted_in_the_money_of_the_store(
    store_id: UUID, make_store: MakeStore
) -> None:
    person(store_id, [{"at": BEFORE}, {"at": LAST, "refunded_minor": 400}, {"at": LAST}])
    person(store_id, [{"at": BEFORE}, {"at": LAST, "currency": "USD"}])
    person(store_id, [{"at": EARLIER}, {"at": LAST}, {"at": LAST, "counts": False}])
    person(make_store(), [{"at": BEFORE}, {"at": LAST}])

    assert reported(store_id, START).year == Year(
        before=2, again=1, buyers=2, orders=3, spent_minor=2_600
    )
