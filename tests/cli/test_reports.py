"""`comeback report` measures at once, for a screen or for a spreadsheet."""

import csv
from datetime import timedelta
from uuid import UUID

import pytest

from tests.cli.conftest import Run
from tests.conftest import START
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


def test_what_customers_have_spent_is_a_sheet_in_which_no_title_is_a_formula(
    run: Run, sold: str
) -> None:
    told = run("report", "ltv", "--store", sold, "--csv")

    rows = list(csv.DictReader(told.output.splitlines()))
    spent = {(row["by"], row["first"]): row["EUR until month 1"] for row in rows}
    assert spent[("month", "2026-01")] == "15.00"
    assert spent[("product", "'=1+1")] == "20.00"
    assert {row["EUR until month 2"] for row in rows} == {""}
