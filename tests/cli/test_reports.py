"""`comeback report` measures at once, for a screen or for a spreadsheet."""

import csv
from datetime import timedelta
from uuid import UUID

import pytest

from app.inbox.standing import keep_standing
from app.models import Customer
from app.tenancy import store_transaction
from tests.cli.conftest import Run
from tests.conftest import START, Clock
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


def test_who_moves_and_who_leaves_is_told(run: Run, sold: str, clock: Clock) -> None:
    store_id = UUID(sold)
    gone = person(store_id, [{"at": START, "bought": [("Soap", 500)]}])
    keep_standing(store_id)
    with store_transaction(store_id) as session:
        session.get_one(Customer, (store_id, gone)).last_active_at = START
    clock.advance(days=48)
    keep_standing(store_id)

    moved, left = (run("report", what, "--store", sold) for what in ("migration", "churn"))
    sheet = run("report", "migration", "--store", sold, "--csv").output.splitlines()

    assert left.exit_code == 0, left.output
    assert "last product" in left.output and "Soap" in left.output
    assert "Priority 1: " in left.output
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
