"""What PostgreSQL makes of a statement, asked with the statement's own parameters."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from sqlalchemy import Executable, event
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
    seen = ("Actual Rows", "Rows Removed by Filter", "Rows Removed by Join Filter")
    told = session.execute(Explain(statement, "ANALYZE, FORMAT JSON"), values).scalar_one()
    parts = _parts(told[0]["Plan"])
    return max(
        int(sum(part.get(name, 0) for name in seen) * part["Actual Loops"]) for part in parts
    )


def limits_before_it_joins(session: Session, statement: Any) -> bool:
    """Whether no join of the plan meets more rows than the statement's own limit lets through."""
    told = session.execute(Explain(statement, "FORMAT JSON")).scalar_one()
    joins = [part for part in _parts(told[0]["Plan"]) if "Join Type" in part]
    return all(any(part["Node Type"] == "Limit" for part in _parts(join)) for join in joins)


def busiest(session: Session, read: Callable[[], object]) -> int:
    """The most of `most_rows` of all that `read` asks."""
    asked: list[tuple[Any, Mapping[str, Any]]] = []
    connection = session.connection()

    def note(_: Any, statement: Any, many: Any, values: Mapping[str, Any], how: Any) -> None:
        asked.append((statement, values))

    event.listen(connection, "before_execute", note)
    read()
    event.remove(connection, "before_execute", note)
    return max(most_rows(session, statement, values) for statement, values in asked)


def _parts(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for inner in plan.get("Plans", ()):
        yield from _parts(inner)
