"""What PostgreSQL makes of a statement, asked with the statement's own parameters."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.compiler import SQLCompiler


class Explain(Executable, ClauseElement):
    """A statement's plan in place of its rows."""

    inherit_cache = False

    def __init__(self, statement: Any, how: str = "COSTS") -> None:
        self.statement, self.how = statement, how


@compiles(Explain)
def _explain(asked: Explain, compiler: SQLCompiler, **given: Any) -> str:
    return f"EXPLAIN ({asked.how}) {compiler.process(asked.statement, **given)}"


def plan_of(session: Session, statement: Any) -> str:
    """The plan in words."""
    return "\n".join(session.execute(Explain(statement)).scalars())


def most_rows(session: Session, statement: Any, values: Mapping[str, Any]) -> int:
    """Ask it, and tell how many rows the busiest part of the plan has looked at."""
    told = session.execute(Explain(statement, "ANALYZE, FORMAT JSON"), values).scalar_one()
    return max(int(rows) for rows in _looked_at(told[0]["Plan"]))


def _looked_at(node: Mapping[str, Any]) -> Iterator[float]:
    seen = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    yield sum(node.get(name, 0) for name in seen) * node["Actual Loops"]
    for inner in node.get("Plans", ()):
        yield from _looked_at(inner)
