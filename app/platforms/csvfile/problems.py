"""What is wrong with a piece of a file, where it stands, and how to put it right."""

from dataclasses import dataclass

SHOWN = 40
"""Characters of a value that a report repeats."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A line of the report. `line` is the file's own, counted from one; 0: the file as a whole."""

    file: str
    line: int
    column: str
    value: str
    problem: str
    fix: str


class BadValue(Exception):
    """A text is not what its column holds."""

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.fix = fix


class BadCell(BadValue):
    """A cell cannot be used. `field` is our name of it, None when the whole row is meant."""

    def __init__(self, field: str | None, value: str, problem: str, fix: str) -> None:
        super().__init__(problem, fix)
        self.field = field
        self.value = value


class BadOrder(BadValue):
    """Rows that are good one by one make no order together."""

    def __init__(self, field: str | None, value: str, problem: str, fix: str) -> None:
        super().__init__(problem, fix)
        self.field = field
        self.value = value


def shortened(value: str) -> str:
    """A value for a report: on one line, and no longer than it takes to find it again."""
    line = " ".join(value.split())
    return line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…"
