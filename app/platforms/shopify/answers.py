"""What a GraphQL reply holds: data, and the errors that left holes in it, told apart by meaning."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import AccessLost, Unreachable

_OUR_FAULT = {"", "undefinedField", "argumentLiteralsIncompatible", "MAX_COST_EXCEEDED"}


class Spoiled(Unreachable):
    """Shopify did answer, but an error in one part of the query took all the data with it."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One error of a reply. `code` is empty where Shopify gives none."""

    message: str
    code: str
    path: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: data, and the errors that left holes in it."""

    data: Mapping[str, Any]
    problems: tuple[Problem, ...] = ()

    def need(self, name: str) -> Any:
        """`data[name]`, unless an error took it away: a hole must never read as "nothing"."""
        hit = [p for p in self.problems if p.path == name or p.path.startswith(f"{name}.")]
        if self.data.get(name) is None and hit:
            raise error_of(hit[0])
        return self.data.get(name)

    def part(self, number: int) -> "Answer":
        """What one set of variables of several was answered. A problem that names no part's
        place is everybody's."""
        end = f"_{number}"
        data = {name.removesuffix(end): self.data[name] for name in self.data if name.endswith(end)}
        places = ((problem, _place(problem)) for problem in self.problems)
        return Answer(data, tuple(p for p, at in places if at.endswith(end) or "_" not in at))

    def whole(self) -> "Answer":
        """This answer if nothing is missing from it."""
        if self.problems:
            raise error_of(self.problems[0])
        return self


def _place(problem: Problem) -> str:
    return problem.path.partition(".")[0]


def error_of(problem: Problem) -> Exception:
    if problem.code == "ACCESS_DENIED":
        return AccessLost(
            f"The shop has not granted what this needs: {problem.message} "
            "Open the app in the shop's admin and accept its permissions."
        )
    if problem.code in _OUR_FAULT:
        # Asking again would fail in the same way: our document is wrong for this API version.
        return RuntimeError(f"Shopify refuses our query: {problem.message}")
    return Unreachable(f"Shopify failed: {problem.message} ({problem.code})")


def problem_of(error: Any) -> Problem:
    if not isinstance(error, dict):
        return Problem(str(error), "INTERNAL_SERVER_ERROR", "")
    extensions = error.get("extensions") or {}
    path = ".".join(str(part) for part in error.get("path") or ())
    return Problem(str(error.get("message", "")), str(extensions.get("code", "")), path)
