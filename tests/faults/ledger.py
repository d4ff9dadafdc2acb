"""docs/faults.jsonl: every scene of every storm as counted, so that the runs of days add up."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from app import clock
from app.launch import ROOT
from tests.faults.outcome import Outcome

FILE = ROOT / "docs" / "faults.jsonl"


@dataclass(frozen=True)
class Played:
    """One scene of one run. `people`: its shoppers; 0 where a scene has people of its own."""

    day: str
    commit: str
    people: int
    outcome: Outcome


def keep(outcomes: Sequence[Outcome], people: int, into: Path = FILE) -> None:
    """Add what has just been played. What went wrong with whom is on the screen and not kept."""
    run = {"day": str(clock.machine_time().date()), "commit": _commit(), "people": people}
    with into.open("a", encoding="utf-8") as file:
        for outcome in outcomes:
            counted = {key: value for key, value in asdict(outcome).items() if key != "details"}
            file.write(json.dumps(run | counted) + "\n")


def played(kept: Path = FILE) -> list[Played]:
    """All there is, the oldest first."""
    if not kept.exists():
        return []
    return [_read(json.loads(line)) for line in kept.read_text("utf-8").splitlines()]


def together(outcomes: Sequence[Outcome]) -> Outcome:
    """Several runs of one scene as one: counts added up, the slowest rest, the last run's words."""
    last = outcomes[-1]
    whole = Outcome(last.scene, done=last.done)
    for field in fields(Outcome):
        values = [getattr(outcome, field.name) for outcome in outcomes]
        if field.type == "int" or field.type is int:
            setattr(whole, field.name, sum(values))
    whole.settled_in = max(outcome.settled_in for outcome in outcomes)
    whole.crashed = "; ".join(outcome.crashed for outcome in outcomes if outcome.crashed)
    whole.failed = any(outcome.failed for outcome in outcomes)
    return whole


def _read(line: dict[str, object]) -> Played:
    names = {field.name for field in fields(Outcome)}
    counted = {key: value for key, value in line.items() if key in names}
    return Played(
        day=str(line["day"]),
        commit=str(line["commit"]),
        people=int(str(line["people"])),
        outcome=Outcome(**counted),  # type: ignore[arg-type] # It was written by `keep`.
    )


def _commit() -> str:
    told = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"
