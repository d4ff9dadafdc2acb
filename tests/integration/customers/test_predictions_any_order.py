"""What is predicted follows from the orders alone, however they came in."""

from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, customers
from app.customers.forecasting import ask_for_forecasts, learn_again
from app.events import OrderSeen, Person
from app.models import Customer, Prediction, Store
from app.science.buying import Buying
from app.science.forecaster import Contender, Forecaster
from app.science.scores import Learnt
from app.science.spending import Spending
from app.science.study import Study
from app.tenancy import store_transaction
from tests.conftest import MakeStore
from tests.integration.customers.people import order, tell

LEARNT = Learnt(
    way=Forecaster(Contender.MODEL, days=90),
    model=Buying(r=0.8, alpha=40.0, a=0.9, b=2.5),
    spending=Spending(p=4.0, q=4.0, gamma=3_000.0),
)
STUDY = Study(buyers=0, missing={}, contest=None, problem=None, learnt=LEARNT, sizes={})
DAY = 24 * 60
Told = dict[str | None, tuple[Any, ...]]


@st.composite
def orders(draw: st.DrawFn) -> list[OrderSeen]:
    """Of a few people over a year; some are known by a number first and by both later."""
    found = []
    for key in range(draw(st.integers(2, 9))):
        who = draw(st.sampled_from("abc"))
        email, phone = f"{who}@example.com", f"+39333123456{ord(who) - ord('a')}"
        person = draw(st.sampled_from([Person(email=email), Person(email=email, phone=phone)]))
        minutes = -draw(st.integers(0, 360)) * DAY - 30
        total = draw(st.sampled_from([1_000, 4_900]))
        found.append(order(f"o{key}", minutes, person, total_minor=total))
    return found


def told(store_id: UUID) -> Told:
    with store_transaction(store_id) as session:
        ask_for_forecasts(session, clock.now())
        learn_again(session, clock.now())
        lease = customers.claim_learning(session, clock.now())
        assert lease is not None
        customers.keep_study(session, STUDY, clock.now(), lease)
        assert not customers.tell_part(session, session.get_one(Store, store_id), clock.now())
        rows = session.execute(
            select(Customer.email, Prediction).join(
                Prediction, Prediction.customer_id == Customer.customer_id
            )
        )
        return {
            email: (row.will_buy, row.expected_orders, row.expected_value_minor)
            for email, row in rows
        }


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(data=st.data())
def test_predictions_do_not_depend_on_the_order_of_events(
    make_store: MakeStore, data: st.DataObject
) -> None:
    facts = data.draw(orders())
    mixed = data.draw(st.permutations([*facts, data.draw(st.sampled_from(facts))]))
    cut = data.draw(st.integers(0, len(mixed)))
    ordered, shuffled = make_store(), make_store()
    tell(ordered, *sorted(facts, key=lambda fact: fact.placed_at))
    tell(shuffled, *mixed[:cut])
    tell(shuffled, *mixed[cut:])

    found = told(ordered)

    assert found == told(shuffled)
    assert found and all(0 < row[0] < 100 for row in found.values())
