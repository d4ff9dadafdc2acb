"""The run book names every number there is, and no other."""

import re
from pathlib import Path

from app import jobs, metrics
from app.inbox.findings import Code
from app.inbox.lags import read_standing
from app.web.scrape import gauges
from tests.conftest import Machine

PAGE = (Path(__file__).parents[3] / "docs" / "operations.md").read_text()
ALWAYS = {"comeback_up", "comeback_queue_jobs", "comeback_clock_ahead_seconds"}


def told(database: Machine) -> set[str]:
    counted = {
        f"{family.name}_total" if family.type == "counter" else family.name
        for family in metrics.read(jobs.redis())
    }
    return ALWAYS | counted | {family.name for family in gauges(read_standing())}


def test_every_number_has_its_line_in_the_run_book_and_every_line_its_number(
    database: Machine,
) -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| `comeback_")]
    named = {re.findall(r"comeback_\w+", row)[0] for row in rows}

    assert named == told(database)


def test_every_duty_that_may_be_late_is_named(database: Machine) -> None:
    """Receipts are asked for by the minute, whether any are there or not; so are looks."""
    rows = PAGE.split("| `comeback_due_oldest_seconds`")[1].split("| `comeback_due` |")[0]
    firsts = "".join(row.split("|")[0] for row in rows.split("\n| the same, ") if row)

    assert {lag.duty for lag in read_standing().lags} == set(re.findall(r"`(\w+)`", firsts))


def test_every_finding_has_its_line_for_the_operator_and_every_line_its_finding() -> None:
    table = PAGE.split("\n## What the doctor finds\n")[1].split("\n## ")[0]

    assert re.findall(r"^\| `(\w+)` \|", table, re.M) == list(Code)


def test_every_line_says_what_it_means_and_what_to_do() -> None:
    table = PAGE.split("\n## Alerts\n")[1].split("\n## ")[0]
    rows = [line.strip("|").split("|") for line in table.splitlines() if line.startswith("|")][2:]

    assert len(rows) > 10
    assert [
        row for row in rows if len(row) != 5 or any(len(cell.strip()) < 3 for cell in row)
    ] == []
