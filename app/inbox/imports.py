"""Order history from files: every row is read and put aside, then whole orders become state.

An import is history: it begins no journey and tells no consent. Importing a file again changes
nothing, and the shop's own later word wins, because an import speaks with the clock of what it
quotes. Of two imports that quote the same moment the last one counts, so that a mistake in a file
or a mapping can be put right.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock, customers, flows
from app.customers import Incoming
from app.customers.facts import tell
from app.events import OrderSeen
from app.inbox import import_staging as staging
from app.models import Order, OrderLine, new_id
from app.platforms.csvfile import (
    BEFORE_THE_SHOP,
    BadCell,
    BadOrder,
    Problem,
    Source,
    StagedRow,
    assemble,
    content_of,
    digest_of,
    read_row,
    read_rows,
    shortened,
)
from app.stores import lifecycle
from app.tenancy import store_of, store_transaction

SOURCE = "import"
CHUNK = 10_000
"""Rows that one transaction puts aside."""
MOST_ROWS = 5_000
"""No order has more lines; a wrong column may make one of all."""
_NEXT = timedelta(microseconds=1)


@dataclass(slots=True)
class Outcome:
    """What became of the files. `unchanged`: known already, or known better by the shop."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: int = 0

    @property
    def orders(self) -> int:
        return self.new + self.changed + self.unchanged


@dataclass(frozen=True, slots=True)
class Watch:
    """Who wants to hear of it: each problem; bytes read and orders applied, of how many."""

    problem: Callable[[Problem], None]
    reading: Callable[[int, int], None]
    applying: Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class _Known:
    """The newest word about an order so far."""

    source_updated_at: datetime
    version: str
    lines: int


class Import:
    """One run over some files of one store. Made for each run, never shared."""

    def __init__(
        self, store_id: UUID, sources: Sequence[Source], keys: Sequence[str], watch: Watch
    ) -> None:
        self._store_id = store_id
        self._sources = sources
        self._keys = keys
        self._watch = watch
        self._import_id = new_id()
        self._outcome = Outcome()
        self._places: dict[str, StagedRow] = {}

    def run(self) -> Outcome:
        """Read everything, then apply it. Whatever ends it, nothing stays behind."""
        with store_transaction(self._store_id) as session:
            staging.discard_left_behind(session, clock.now())
        try:
            self._read()
            self._apply()
        finally:
            with store_transaction(self._store_id) as session:
                staging.discard(session, self._import_id)
                customers.ask_for_a_walk(session, clock.now())
        return self._outcome

    def _read(self) -> None:
        rows = self._rows()
        while chunk := list(islice(rows, CHUNK)):
            with store_transaction(self._store_id) as session:
                staging.stage(session, self._import_id, chunk, clock.now())
            self._outcome.rows += len(chunk)
            chunk.clear()  # Or it would stay until the next has been read.

    def _rows(self) -> Iterator[staging.Incoming]:
        size = sum(source.sheet.size for source in self._sources)
        before = 0
        for file, source in enumerate(self._sources):
            for row in read_rows(source.sheet):
                if isinstance(row, BadCell):
                    self._refuse_row(source, 0, row)
                    continue
                self._watch.reading(before + row.read, size)
                try:
                    reference, said = read_row(source.layout, row.cells)
                except BadCell as bad:
                    self._refuse_row(source, row.line, bad)
                    continue
                content = content_of(said)
                yield reference, file, digest_of(content), row.line, content
            before += source.sheet.size
        self._watch.reading(size, size)

    def _refuse_row(self, source: Source, line: int, bad: BadCell) -> None:
        self._tell(source, line, bad.field, bad)

    def _tell(self, source: Source, line: int, field: str | None, bad: BadCell | BadOrder) -> None:
        self._outcome.problems += 1
        self._watch.problem(
            Problem(
                file=str(source.sheet.path),
                line=line,
                column=source.layout.header_of(field),
                value=shortened(bad.value),
                problem=bad.problem,
                fix=bad.fix,
            )
        )

    def _apply(self) -> None:
        with store_transaction(self._store_id) as session:
            total = staging.count_orders(session, self._import_id)
        done, after = 0, ""
        while waiting := self._apply_next(after):
            done, after = done + len(waiting), waiting[-1].reference
            self._watch.applying(done, total)

    def _apply_next(self, after: str) -> list[staging.Waiting]:
        with store_transaction(self._store_id) as session:
            waiting = staging.next_orders(session, self._import_id, after)
            if waiting:
                self._places.clear()
                seen = self._assemble(session, waiting)
                news = self._news(session, seen)
                facts = [Incoming(fact=one, source=SOURCE, live=False) for one in news]
                now = clock.now()
                changes = customers.apply(session, facts, now, keys=self._keys)
                flows.remember_history(session, lifecycle.this_store(session), changes, now)
                staging.remove(session, self._import_id, waiting)
        return waiting

    def _assemble(self, session: Session, waiting: Sequence[staging.Waiting]) -> list[OrderSeen]:
        if waiting[0].rows > MOST_ROWS:
            file, line = staging.first_line(session, self._import_id, waiting[0].reference)
            problem = f"stands on {waiting[0].rows} rows, more than any order has lines"
            bad = BadOrder("order_id", waiting[0].reference, problem, "map the right column")
            self._tell(self._sources[file], line, bad.field, bad)
            return []
        orders = (
            self._order(reference, rows)
            for reference, rows in staging.read_orders(session, self._import_id, waiting)
        )
        return [order for order in orders if order is not None]

    def _order(self, reference: str, rows: Sequence[StagedRow]) -> OrderSeen | None:
        try:
            order = assemble(reference, rows, self._sources[0].layout.currency)
        except BadOrder as bad:
            self._tell(self._sources[rows[0].file], rows[0].line, bad.field, bad)
            return None
        self._places[order.order_key] = rows[0]
        return order

    def _news(self, session: Session, seen: Sequence[OrderSeen]) -> list[OrderSeen]:
        """What is not known yet, each with the clock by which it counts."""
        known = _known(session, [order.order_key for order in seen])
        news: list[OrderSeen] = []
        for order in seen:
            before = known.get(order.order_key)
            found = order if before is None else _after(order, before)
            if before is None:
                self._outcome.new += 1
            elif found is None or found.updated_at < before.source_updated_at:
                self._outcome.unchanged += 1
            else:
                self._outcome.changed += 1
                self._warn_of_lost_lines(found, before)
            if found is not None:
                news.append(found)
        return news

    def _warn_of_lost_lines(self, order: OrderSeen, before: _Known) -> None:
        """The last import counts, but half an order in a later file looks like a correction."""
        if order.updated_at == before.source_updated_at + _NEXT and len(order.lines) < before.lines:
            problem = f"has {len(order.lines)} lines now, {before.lines} by an earlier import"
            fix = "if the order is spread over files, import them in one command"
            place = self._places[order.order_key]
            bad = BadOrder("order_id", order.number, problem, fix)
            self._tell(self._sources[place.file], place.line, bad.field, bad)


def _known(session: Session, keys: Sequence[str]) -> dict[str, _Known]:
    lines = (
        select(func.count())
        .where(OrderLine.store_id == Order.store_id, OrderLine.order_key == Order.order_key)
        .scalar_subquery()
    )
    statement = select(Order.order_key, Order.source_updated_at, Order.version, lines).where(
        Order.store_id == store_of(session), Order.order_key.in_(keys)
    )
    return {row.order_key: _Known(*row[1:]) for row in session.execute(statement)}


def _after(order: OrderSeen, before: _Known) -> OrderSeen | None:
    """The order as it counts beside what is known: the same again is nothing, another import of
    the same moment comes right after the one before, all else keeps its place in time."""
    if not order.updated_at <= before.source_updated_at < order.updated_at + BEFORE_THE_SHOP:
        return order
    again = replace(order, updated_at=before.source_updated_at)
    if tell(Incoming(fact=again, source=SOURCE, live=False)).version == before.version:
        return None
    return replace(order, updated_at=before.source_updated_at + _NEXT)
