"""`comeback report` measures at once, for a screen or for a spreadsheet."""

import csv
import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import update

from app.inbox.standing import keep_standing
from app.models import Customer, Order, Store
from app.tenancy import store_transaction
from tests.benchmarks.crowd import populate
from tests.benchmarks.ground import NOON
from tests.cli.conftest import Run
from tests.conftest import START, Clock, Machine
from tests.integration.reports.shop import person


@pytest.fixture
def sold(store_id: UUID) -> str:
    january, february = START - timedelta(days=50), START - timedelta(days=20)
    person(store_id, [{"at": january, "bought": [("=1+1", 1_000)]}, {"at": february}])
    person(store_id, [{"at": january, "bought": [("Tea", 1_000)]}])
    return str(store_id)


def test_cohorts_are_told_by_month(run: Run, sold: str) -> None:
    told = run("report", "cohorts", "--store", sold)

    assert told.exit_code == 0, told.output
    assert "2026-01" in told.output and "50.0%" in told.output


@pytest.mark.requirement(42, 103)
def test_who_moves_who_leaves_and_where_money_is_at_risk_is_told(
    run: Run, sold: str, clock: Clock
) -> None:
    store_id = UUID(sold)
    gone = person(store_id, [{"at": START, "bought": [("Soap", 500)]}])
    keep_standing(store_id)
    with store_transaction(store_id) as session:
        session.get_one(Customer, (store_id, gone)).last_active_at = START
    clock.advance(days=48)
    keep_standing(store_id)

    moved, left, done = (
        run("report", what, "--store", sold) for what in ("migration", "churn", "segments")
    )
    sheet = run("report", "migration", "--store", sold, "--csv").output.splitlines()

    assert left.exit_code == 0, left.output
    assert "last product" in left.output and "Soap" in left.output
    assert "Priority 1: " in left.output and "Priority 1: " in done.output
    (group,) = [line for line in done.output.splitlines() if line.split()[:1] == ["leaving"]]
    assert "100% silent, of 1" in group and "Ask what is missing" in group
    assert moved.exit_code == 0 and "about_to_sleep" in moved.output
    assert sheet[0] == "from,to,people" and len(sheet) > 1


def test_what_customers_have_spent_is_a_sheet_in_which_no_title_is_a_formula(
    run: Run, sold: str
) -> None:
    told = run("report", "ltv", "--store", sold, "--csv")

    rows = list(csv.DictReader(told.output.splitlines()))
    spent = {(row["by"], row["first"]): row["EUR until month 1"] for row in rows}
    assert spent[("month", "2026-01")] == "15.00"
    assert spent[("product", "'=1+1")] == "20.00"
    assert {row["EUR until month 2"] for row in rows} == {""}


@pytest.mark.requirement(95, 97)
def test_what_moves_lifetime_value_and_what_it_is_to_the_cost_of_a_customer_is_told(
    run: Run, store_id: UUID, database: Machine, clock: Clock
) -> None:
    store = str(store_id)
    assert "needs 100 buyers of the year before" in run("report", "ltv", "--store", store).output
    clock.travel(NOON)
    populate(database.owner_url, store_id, 200)
    with store_transaction(store_id) as session:
        last_year = (Order.number.like("#1%"), Order.placed_at > NOON - timedelta(days=365))
        gone = (Order.store_id == store_id, *last_year)
        session.execute(update(Order).where(*gone).values(counts=False))
        session.get_one(Store, store_id).settings = {"acquisition_cost_minor": 1_250}

    told = run("report", "ltv", "--store", store).output

    assert re.search(r"Lifetime value [\d.]+ EUR: [\d.]+ x [\d.]+ / \(1 - [\d.]+%\)", told)
    assert all(lever in told for lever in ("retention", "frequency", "basket"))
    assert re.search(r"LTV:CAC \d+\.\d, the goal is 3 or more", told)
