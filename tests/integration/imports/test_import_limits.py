"""Large files, wrong columns, killed processes: memory stays bounded and nothing stays behind."""

import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.exc import DBAPIError

from app import clock
from app.inbox import import_staging, imports
from app.models import new_id
from app.tenancy import store_transaction
from tests.conftest import Clock, MakeStore
from tests.integration.imports.history import Heard, sources, state, take, waiting

HEAD = "order_id,placed_at,status,email,product_id,title,quantity,line_total,order_total\n"


def _rows(orders: int, lines: int) -> Iterator[str]:
    """Line by line through all orders: the rows of one order are as far apart as they can be."""
    for line in range(lines):
        for order in range(orders):
            yield (
                f"{order},2026-01-{1 + order % 28:02d},paid,c{order % 400}@example.com,"
                f"{line},Product {line},1,2.50,{lines * 2.5:.2f}\n"
            )


def _write(path: Path, orders: int, lines: int) -> Path:
    with path.open("w") as file:
        file.write(HEAD)
        file.writelines(_rows(orders, lines))
    return path


class Scales:
    """The most memory that each chunk of rows took, and each batch of orders."""

    def __init__(self) -> None:
        self.chunks: list[int] = []
        self.batches: list[int] = []
        self._rows = 0
        self.watch = imports.Watch(
            problem=lambda problem: None,
            reading=self._read,
            applying=lambda done, total: self.batches.append(self._weigh()),
        )

    def _read(self, done: int, total: int) -> None:
        self._rows += 1
        if self._rows % imports.CHUNK == 0:
            self.chunks.append(self._weigh())

    @staticmethod
    def _weigh() -> int:
        """The most since it was asked last."""
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.reset_peak()
        return peak


def test_memory_does_not_grow_with_the_file(make_store: MakeStore, tmp_path: Path) -> None:
    """The same rows stand in it again and again: all are read, and their orders applied once."""
    large, store_id = tmp_path / "large.csv", make_store()
    large.write_text(HEAD + "".join(_rows(750, 1)) * 27)
    # What a first import leaves in memory is not the file's.
    take(make_store(), _write(tmp_path / "small.csv", 300, 1))
    scales = Scales()

    tracemalloc.start()
    outcome = imports.Import(store_id, sources(store_id, [large]), (), scales.watch).run()
    tracemalloc.stop()

    assert (outcome.rows, outcome.new) == (20_250, 750)
    assert scales.chunks[1] < 1.2 * scales.chunks[0]
    assert scales.batches[-1] < 1.5 * scales.batches[1]


def test_how_far_it_is_is_told_to_the_end(store_id: UUID, tmp_path: Path) -> None:
    path, heard = _write(tmp_path / "orders.csv", 300, 2), Heard()

    take(store_id, path, heard=heard)

    size = path.stat().st_size
    assert heard.read == sorted(heard.read)
    assert (heard.read[-1], len(heard.read)) == ((size, size), 601)
    assert heard.applied == [(250, 300), (300, 300)]


def test_a_wrong_column_that_makes_one_order_of_all_rows_is_refused(
    store_id: UUID, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    rows = (f"EUR,2026-01-05,{n}.50,{n}\n" for n in range(imports.MOST_ROWS + 1))
    path.write_text("order_id,placed_at,line_total,title\n" + "".join(rows))
    heard = Heard()

    outcome = take(store_id, path, heard=heard)

    assert (outcome.new, outcome.problems) == (0, 1)
    assert "more than any order has lines" in heard.problems[0].problem
    assert heard.problems[0].line == 2


def test_an_import_that_fails_half_way_leaves_no_row_waiting_and_can_be_run_again(
    store_id: UUID, tmp_path: Path
) -> None:
    path = _write(tmp_path / "orders.csv", 600, 2)
    watch = imports.Watch(
        problem=lambda problem: None, reading=lambda done, total: None, applying=_interrupt
    )

    with pytest.raises(KeyboardInterrupt):
        imports.Import(store_id, sources(store_id, [path]), (), watch).run()
    left, applied = waiting(), len(state(store_id)["orders"])
    again = take(store_id, path)

    assert (left, applied) == (0, import_staging.ORDERS)
    assert (again.new, again.unchanged) == (600 - applied, applied)


def _interrupt(done: int, total: int) -> None:
    raise KeyboardInterrupt


def test_rows_of_a_killed_import_go_a_day_later(
    store_id: UUID, clock: Clock, tmp_path: Path
) -> None:
    with store_transaction(store_id) as session:
        import_staging.stage(session, new_id(), [("1", 0, b"x", 2, "{}")], clock())
    path = _write(tmp_path / "orders.csv", 1, 1)

    take(store_id, path)
    after_an_hour = waiting()
    clock.advance(hours=25)
    take(store_id, path)

    assert (after_an_hour, waiting()) == (1, 0)


def test_a_row_staged_twice_waits_once(store_id: UUID) -> None:
    import_id, row = new_id(), ("1", 0, b"x", 2, "{}")

    for _ in range(2):
        with store_transaction(store_id) as session:
            import_staging.stage(session, import_id, [row, row], clock.now())

    assert waiting() == 1


def test_rows_cannot_be_staged_for_another_store(make_store: MakeStore) -> None:
    ours, theirs = make_store(), make_store()
    import_id = new_id()
    with store_transaction(theirs) as session:
        import_staging.stage(session, import_id, [("1", 0, b"x", 2, "{}")], clock.now())

    with store_transaction(ours) as session:
        assert import_staging.next_orders(session, import_id, "") == []
    with pytest.raises(DBAPIError, match="row-level security"), store_transaction(ours) as session:
        session.info["store_id"] = theirs
        import_staging.stage(session, import_id, [("2", 0, b"y", 2, "{}")], clock.now())


def test_files_that_hold_nothing_import_nothing(store_id: UUID, tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEAD)

    outcome = take(store_id, path)

    assert (outcome.rows, outcome.orders, outcome.problems) == (0, 0, 0)
