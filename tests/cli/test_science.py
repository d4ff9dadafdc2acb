"""`comeback science report` on CDNOW's customers, who came in through the CSV importer."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from app.inbox.forecasts import keep_forecasts
from app.inbox.standing import keep_standing
from app.science.contest import Ground, hold
from app.science.forecaster import Contender
from tests.cli.conftest import Run
from tests.conftest import START, Clock
from tests.unit.science import cdnow


@pytest.fixture
def imported(run: Run, store_id: UUID, clock: Clock, tmp_path: Path) -> UUID:
    """A store with the 6,919 orders of a tenth of CDNOW's customers, on the evening of the last."""
    clock.travel(datetime(1998, 6, 30, 20, 0, tzinfo=UTC))
    file = tmp_path / "cdnow.csv"
    bought = cdnow.sample()
    rows = zip(bought.customer, bought.day, bought.amount, strict=True)
    lines = [
        f"{number},{cdnow.START + timedelta(days=int(day))} 12:00,{who},cds,CDs,1,{spent:.2f},EUR"
        for number, (who, day, spent) in enumerate(rows)
    ]
    head = "order_id,placed_at,customer_id,product_id,title,quantity,line_total,currency"
    file.write_text("\n".join([head, *lines]), encoding="utf-8")
    result = run("import", "--store", str(store_id), "--yes", str(file))
    assert result.exit_code == 0, result.output
    return store_id


def row(output: str, name: str) -> list[str]:
    line = next(line for line in output.splitlines() if line.strip().startswith(f"{name} "))
    return line.replace(name, "").split()


@pytest.mark.requirement(19, 41)
def test_the_contest_is_that_of_the_history_and_a_silent_store_has_none(
    run: Run, imported: UUID, clock: Clock
) -> None:
    keep_standing(imported)
    while keep_forecasts(imported):
        pass
    result = run("science", "report", "--store", str(imported), "--until", "1998-06-30")

    assert result.exit_code == 0, result.output
    judged = hold(Ground(bought=cdnow.sample(), day=cdnow.END)).judged
    for name, told in (
        ("recency", Contender.RECENCY),
        ("RFM sum", Contender.RFM),
        ("MBG/NBD", Contender.MODEL),
        ("blend", Contender.BLEND),
    ):
        expected = judged[told]
        assert row(result.output, name)[:2] == [f"{expected.auc:.3f}", f"{expected.brier:.4f}"]
    assert "2357 customers have bought." in result.output
    assert "Used: blend, judged on 2357 people." in result.output
    assert "judged by the days since" in result.output
    assert "plain rules are used" not in result.output
    assert "Kept since 1998-06-30 20:00 UTC: blend." in result.output
    assert "Everybody was told by it on 1998-06-30 20:00 UTC." in result.output
    assert [row(result.output, letter)[0].isdigit() for letter in "ABC"] == [True] * 3

    clock.travel(START)
    today = run("science", "report", "--store", str(imported)).output
    assert "A model needs an order in the last 30 days" in today
    assert "No contest could be held: in 90 days of its history nobody bought" in today


def test_a_store_without_orders_names_every_gate(run: Run, store_id: UUID) -> None:
    result = run("science", "report", "--store", str(store_id))

    assert "Nothing is kept yet" in result.output
    assert result.output.count("A model needs") == 4
    assert "No contest could be held: there is no history of 270 days." in result.output
