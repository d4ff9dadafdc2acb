"""Statements about everybody in a store, or a large part of it, at once."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

_WITHOUT_LOOPS = text("SET LOCAL enable_nestloop = off")
_AS_EVER = text("SET LOCAL enable_nestloop = on")


@contextmanager
def of_everybody(session: Session) -> Iterator[None]:
    """While such a statement is asked. PostgreSQL can only guess how many people a store has; where
    it guesses too few it would look a thing up once for each, and join by hashes where it knows
    better (docs/decisions/0014-no-guess-by-store.md)."""
    session.execute(_WITHOUT_LOOPS)
    yield
    session.execute(_AS_EVER)  # After an error the transaction ends, and this with it.
