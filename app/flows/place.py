"""A value in a flow file together with where it stands, so that every complaint names its line,
its field and what to write instead. Reading goes on after a complaint: one run finds them all.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any, TypeVar

from app.errors import InvalidInput
from app.segments import parse_duration

T = TypeVar("T")
Option = TypeVar("Option", bound=str)

_LONGEST = timedelta(days=730)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`warning` True: the flow may run, but somebody should look."""

    line: int
    field: str
    sentence: str
    warning: bool = False

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.sentence}"


class FlowInvalid(InvalidInput):
    """A flow file with everything that is wrong in it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("flow", "\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Place:
    """One value. `path` is its name as a merchant would say it: `steps[2].wait.for`."""

    value: Any
    path: str
    line: int
    problems: list[Problem]

    def complain(self, sentence: str, *, warning: bool = False) -> None:
        problem = Problem(
            line=self.line, field=self.path or "flow", sentence=sentence, warning=warning
        )
        self.problems.append(problem)

    def fields(self, *known: str) -> dict[str, "Place"]:
        """The mapping's values by name. A name that is not `known` is a complaint."""
        if not isinstance(self.value, Mapping):
            self.complain(f"write fields here: {', '.join(known)}")
            return {}
        found = dict(self.entries())
        for name in [name for name in found if name not in known]:
            found.pop(name).complain(_unknown(name, known))
        return found

    def entries(self) -> Iterator[tuple[str, "Place"]]:
        """Every key of a mapping with its value."""
        if not isinstance(self.value, Mapping):
            self.complain("write `name: value` pairs here")
            return
        for key in self.value:
            yield str(key), self._child(key, f"{self.path}.{key}" if self.path else str(key))

    def items(self) -> list["Place"]:
        """Every item of a list."""
        if not isinstance(self.value, list):
            self.complain("write a list here, one `- ` line for each item")
            return []
        return [self._child(i, f"{self.path}[{i}]") for i in range(len(self.value))]

    def text(self) -> str:
        if isinstance(self.value, str) and self.value.strip():
            return str(self.value)
        self.complain("write a text here")
        return ""

    def slug(self) -> str:
        if isinstance(self.value, str) and _SLUG.fullmatch(self.value) and len(self.value) <= 60:
            return str(self.value)
        self.complain("write a short name of small letters, digits and dashes")
        return "invalid"

    def named(self, name: str) -> str:
        """The name that stands before this value, as a short one."""
        return replace(self, value=name).slug()

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.complain("write true or false")
        return bool(self.value)

    def number(self, lowest: int, highest: int) -> int:
        value = self.value
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            self.complain(f"write a whole number from {lowest} to {highest}")
            return lowest
        return int(value)

    def percent(self, highest: int) -> int:
        match = re.fullmatch(r"(\d{1,3})%", self.value) if isinstance(self.value, str) else None
        if match and int(match[1]) <= highest:
            return int(match[1])
        self.complain(f"write a share from 0% to {highest}%")
        return 0

    def choice(self, *options: Option) -> Option:
        for option in options:
            if option == self.value:
                return option
        self.complain(f"write one of: {', '.join(options)}")
        return options[0]

    def duration(self) -> timedelta:
        try:
            length = parse_duration(self.value)
        except ValueError as error:
            self.complain(str(error))
            return timedelta()
        if length > _LONGEST:
            self.complain("write at most 730 days")
        return length

    def time(self) -> time:
        match = _TIME.fullmatch(self.value) if isinstance(self.value, str) else None
        if match:
            return time(int(match[1]), int(match[2]))
        self.complain('write a time of the day in quotes, such as "10:00"')
        return time()

    def translated(self, languages: tuple[str, ...]) -> dict[str, str]:
        """A text in every language of the flow."""
        found = self.fields(*languages)
        for language in languages:
            if isinstance(self.value, Mapping) and language not in found:
                self.complain(f"the {language} text is missing; add it, or see `languages`")
        return {language: place.text() for language, place in found.items()}

    def as_segment(self) -> "Place":
        """The short name of a segment, as the condition to be in it."""
        return replace(self, value={f"segment.{self.slug()}": {"is": True}})

    def plain(self) -> Any:
        """The value without a trace of the file it came from."""
        return _plain(self.value)

    def _child(self, key: Any, path: str) -> "Place":
        return Place(self.value[key], path, self._line_of(key), self.problems)

    def _line_of(self, key: Any) -> int:
        marks = getattr(self.value, "lc", None)
        if marks is None or marks.data is None or key not in marks.data:
            return self.line
        return int(marks.data[key][0]) + 1


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    return str(value) if isinstance(value, str) else value


def _unknown(name: str, known: tuple[str, ...]) -> str:
    if name in {"goto", "go_to", "jump", "repeat", "loop"}:
        return "a flow only goes forward, it cannot loop; use `reentry` to let people come again"
    return f"there is no such field; write one of: {', '.join(known)}"
