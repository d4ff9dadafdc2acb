"""`make requirements`: every requirement with the passing tests that prove it.

A pytest plugin (`-p tests.requirements_report`). Numbers travel on each test's report, so that they
arrive from the processes of pytest-xdist as well. A test that failed or was skipped proves nothing,
and what `docs/requirements.yaml` calls open is not proved, whatever passed.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

LEDGER = Path(__file__).parents[1] / "docs" / "requirements.yaml"
PROPERTY = "requirement"
PROVED, IN_PART, MISSING = "proved", "in part", "MISSING"


@dataclass(frozen=True, slots=True)
class Requirement:
    """`open` is what is still to do of a requirement that some tests prove in part."""

    number: int
    area: str
    title: str
    open: str = ""


@dataclass(slots=True)
class Evidence:
    """What ran for one requirement. `broken` failed or was skipped."""

    proved: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)


def read_ledger(path: Path = LEDGER) -> list[Requirement]:
    """The requirements in their order."""
    entries: Mapping[int, Mapping[str, str]] = YAML(typ="safe", pure=True).load(
        path.read_text(encoding="utf-8")
    )
    return [Requirement(number, **entry) for number, entry in entries.items()]


class Ledger:
    """Gathers outcomes while the suite runs, and prints the account at its end."""

    def __init__(self, path: Path = LEDGER) -> None:
        self._requirements = read_ledger(path)
        self._numbers: dict[str, set[int]] = defaultdict(set)
        self._outcomes: dict[str, set[str]] = defaultdict(set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        for name, number in report.user_properties:
            if name == PROPERTY and isinstance(number, int):
                self._numbers[report.nodeid].add(number)
        self._outcomes[report.nodeid].add(report.outcome)

    def evidence(self) -> dict[int, Evidence]:
        """What was found for each number, by the names of the tests."""
        found: dict[int, Evidence] = defaultdict(Evidence)
        for test in sorted(self._numbers):
            for number in self._numbers[test]:
                passed = self._outcomes[test] == {"passed"}
                (found[number].proved if passed else found[number].broken).append(test)
        return found

    def lines(self) -> Iterator[str]:
        """The account as it is printed: each requirement, then the totals."""
        found = self.evidence()
        by_state: dict[str, list[Requirement]] = {PROVED: [], IN_PART: [], MISSING: []}
        for requirement in self._requirements:
            seen = found.pop(requirement.number, Evidence())
            state = _state(requirement, seen)
            by_state[state].append(requirement)
            yield f"#{requirement.number:<3} {state:<7} {requirement.area}: {requirement.title}"
            if requirement.open:
                yield f"       still to do: {requirement.open}"
            yield from (f"       {test}" for test in seen.proved)
            yield from (f"       did not pass: {test}" for test in seen.broken)
        for number, seen in sorted(found.items()):
            yield f"#{number} is no requirement; see {', '.join(seen.proved + seen.broken)}"
        yield from _totals(by_state)

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        terminalreporter.section("requirements")
        for line in self.lines():
            terminalreporter.write_line(line)


def _state(requirement: Requirement, seen: Evidence) -> str:
    if not seen.proved:
        return MISSING
    return IN_PART if requirement.open else PROVED


def _totals(by_state: Mapping[str, Sequence[Requirement]]) -> Iterator[str]:
    proved, in_part, missing = (by_state[state] for state in (PROVED, IN_PART, MISSING))
    total = len(proved) + len(in_part) + len(missing)
    yield ""
    yield (
        f"{total} requirements: {len(proved)} proved, {len(in_part)} proved in part,"
        f" {len(missing)} missing."
    )
    yield f"proved: {_numbers(proved)}"
    yield f"proved in part: {_numbers(in_part)}"
    yield from (f"       #{requirement.number}: {requirement.open}" for requirement in in_part)
    yield f"missing: {_numbers(missing)}"


def _numbers(requirements: Sequence[Requirement]) -> str:
    return ", ".join(f"#{requirement.number}" for requirement in requirements) or "none"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--ledger", default=str(LEDGER), help="The file of requirements to report on.")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # Only where the outcomes of all processes arrive.
        config.pluginmanager.register(Ledger(Path(config.getoption("--ledger"))), "ledger")


def pytest_itemcollected(item: pytest.Item) -> None:
    for marker in item.iter_markers("requirement"):
        item.user_properties += [(PROPERTY, number) for number in marker.args]
