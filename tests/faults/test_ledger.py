"""Runs of several days on one page."""

from pathlib import Path

import pytest

from tests.faults import ledger, page
from tests.faults.outcome import Outcome
from tests.faults.storm import Plan


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "faults.jsonl"


def test_runs_of_one_scene_add_up_and_the_slowest_rest_counts(file: Path) -> None:
    first = Outcome("web killed", "2 kills", due=100, lost=1, settled_in=9.0, details=["of ana"])
    ledger.keep([first], people=32, into=file)
    ledger.keep(
        [Outcome("web killed", "5 kills", due=20, settled_in=3.0, failed=True)], people=8, into=file
    )

    played = ledger.played(file)
    both = ledger.together([each.outcome for each in played])

    assert [each.people for each in played] == [32, 8]
    assert (both.due, both.lost, both.settled_in, both.done) == (120, 1, 9.0, "5 kills")
    assert both.broken == 2  # One lost, and a scene that broke.
    assert "ana" not in file.read_text()


def test_the_page_names_every_run_and_what_was_never_played(file: Path) -> None:
    ledger.keep(
        [Outcome("web killed", "2 kills", accepted=7, repeats=3, due=50)], people=32, into=file
    )
    ledger.keep([Outcome("web killed", "3 kills", accepted=1, due=50)], people=32, into=file)

    written = page.told(ledger.played(file), Plan())

    assert "| web killed | 3 kills | 2 | 11 | 3 | 0 |" in written
    assert "2 scenes with 32 shoppers" in written
    assert "Scenes: " in written
    assert "workers killed" in written.partition("## Not tried yet")[2]
