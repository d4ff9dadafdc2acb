"""How near to a purchase people are: the database follows the rule, and so does the page."""

from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.customers import consent_now
from app.customers.grades import Measure
from app.customers.lead_parts import lead_now
from app.customers.leads import COMMERCE, COMPANIES, Known, Lead, lead_of, scheme_of
from app.customers.stages import SILENT_DAYS
from app.customers.standing import stand, stand_part
from app.models import Cart, ConsentEntry, Customer, LoggedFact, Standing, StandingChange, new_id
from app.science.rfm import Bounds
from app.stores.settings import LeadRules
from app.tenancy import store_transaction
from tests.integration.customers.test_standing import NOW

NAMES = sorted({*COMMERCE, *COMPANIES, "newsletter_opened", "page_viewed"} - {"order_placed"})
DAYS = (0, 1, 29, 30, 31, 59, 60, 61, 200)
TAGS = ("boss", "large", "tea")
moments = st.sampled_from(DAYS).map(lambda days: NOW - timedelta(days=days))
rules = st.builds(
    LeadRules,
    companies=st.booleans(),
    cap=st.sampled_from([0, 20, 35]),
    decision_maker_tag=st.sampled_from(["", "boss"]),
    company_size_tag=st.sampled_from(["", "large"]),
    industry_tag=st.sampled_from(["", "tea", "boss"]),
)
crowds = st.lists(
    st.fixed_dictionaries(
        {
            "tags": st.lists(st.sampled_from(TAGS), unique=True),
            "first_seen_at": moments,
            "last_active_at": st.none() | moments,
            "last_order_at": st.none() | moments,
            "acts": st.lists(st.tuples(st.sampled_from(NAMES), moments), max_size=8),
            "choices": st.lists(
                st.tuples(
                    st.sampled_from(["unsubscribed", "unsubscribed", "subscribed", "pending"]),
                    st.sampled_from(["form", "import:list.csv"]),
                    st.sampled_from(["email", "email", "email", "sms"]),
                    moments,
                ),
                max_size=4,
            ),
        }
    ),
    min_size=1,
    max_size=6,
)


def measure(by: LeadRules) -> Measure:
    return Measure(Bounds(), (), SILENT_DAYS, scheme_of(by))


def add(session: Session, store_id: UUID, person: dict[str, Any]) -> UUID:
    own = {"store_id": store_id, "customer_id": new_id()}
    plain = {name: value for name, value in person.items() if name not in ("acts", "choices")}
    session.add(Customer(**own, **plain))
    session.flush()
    for name, at in person["acts"]:
        session.add(_cart(own, at) if name == "cart_filled" else _act(own, name, at))
    for state, source, channel, at in person["choices"]:
        values = {"state": state, "source": source, "channel": channel, "occurred_at": at}
        session.add(ConsentEntry(**own, entry_key=new_id().hex, **values))
    session.flush()
    return own["customer_id"]


def _act(own: dict[str, Any], name: str, at: Any) -> LoggedFact:
    return LoggedFact(
        **own,
        fact_key=new_id().hex,
        kind="customer_acted",
        source="test",
        occurred_at=at,
        fact={"name": name},
    )


def _cart(own: dict[str, Any], at: Any) -> Cart:
    moment = {"started_at": at, "changed_at": at, "source_updated_at": at}
    return Cart(**own, status="expired", currency="EUR", total_minor=1, lines=[], **moment)


def by_the_rule(by: LeadRules, person: dict[str, Any], refused: bool) -> Lead:
    days = [(name, (NOW - at).days) for name, at in person["acts"]]
    if person["last_order_at"] is not None:
        days.append(("order_placed", (NOW - person["last_order_at"]).days))
    recent = Counter(name for name, ago in days if ago < 30)
    before = Counter(name for name, ago in days if 30 <= ago < 60)
    heard = person["last_active_at"] or person["first_seen_at"]
    known = Known(
        acts={name: (recent[name], before[name]) for name in {*recent, *before}},
        tags=person["tags"],
        unsubscribed=refused,
        silent=(NOW - heard).days >= 30,
    )
    return lead_of(scheme_of(by), known)


@pytest.mark.requirement(37, 38, 39, 40)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(crowd=crowds, by=rules)
def test_the_database_the_page_and_the_rule_agree(
    store_id: UUID, crowd: list[dict[str, Any]], by: LeadRules
) -> None:
    with store_transaction(store_id) as session:
        ids = [add(session, store_id, person) for person in crowd]
        consent = consent_now(session, ids)

        stand_part(session, measure(by), NOW)

        rows = {row.customer_id: row for row in session.scalars(select(Standing))}
        for key, person in zip(ids, crowd, strict=True):
            choice = consent[key].get("email")
            refused = choice is not None and choice.state == "unsubscribed"
            lead = by_the_rule(by, person, refused)
            assert (rows[key].lead_score, rows[key].lead_tier) == (lead.score, lead.tier), person
            customer = session.get_one(Customer, (store_id, key))
            assert lead_now(session, customer, by, NOW, refused=refused) == lead
        for model in (LoggedFact, Cart, Customer):
            session.execute(delete(model))


EAGER: dict[str, Any] = {
    "tags": ["boss"],
    "first_seen_at": NOW,
    "last_active_at": NOW,
    "acts": [("demo_requested", NOW), ("pricing_viewed", NOW)],
    "choices": [],
}
B2B = measure(LeadRules(companies=True, decision_maker_tag="boss"))


def test_a_change_of_tier_is_kept_and_the_first_is_none(store_id: UUID) -> None:
    with store_transaction(store_id) as session:
        key = add(session, store_id, EAGER)
        stand(session, B2B, NOW, [key])
        assert session.scalars(select(StandingChange)).all() == []
        later = NOW + timedelta(days=31)

        stand(session, B2B, later, [key])

        session.expire_all()
        (change,) = session.scalars(select(StandingChange).filter_by(kind="lead_tier"))
        assert (change.was, change.became, change.changed_at) == ("hot", "cold", later)
        row = session.scalars(select(Standing)).one()
        assert (row.lead_score, row.lead_tier, row.lead_at) == (40, "cold", later)
