"""Rows in any order, repeated, and spread over files that overlap make the same orders."""

from pathlib import Path
from random import Random

import pytest

from tests.unit.platforms.csvfile_reading import PAYLOADS, read, write

FILES = ["shopify_orders.csv", "woocommerce_items.csv", "woocommerce_algol.csv"]


def _pieces(name: str) -> tuple[str, list[str]]:
    header, *rows = (PAYLOADS / name).read_text().splitlines(keepends=True)
    return header, rows


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("seed", range(5))
def test_shuffled_and_repeated_rows_make_the_same_orders(
    tmp_path: Path, name: str, seed: int
) -> None:
    header, rows = _pieces(name)
    shuffled = rows + rows[:2]
    Random(seed).shuffle(shuffled)

    assert read(write(tmp_path, header + "".join(shuffled))) == read(PAYLOADS / name)


@pytest.mark.parametrize("name", FILES)
def test_orders_split_over_two_overlapping_files_are_whole(tmp_path: Path, name: str) -> None:
    header, rows = _pieces(name)
    first = write(tmp_path, header + "".join(rows[:2]), "first.csv")
    second = write(tmp_path, header + "".join(rows[1:]), "second.csv")

    assert read(first, second).orders == read(PAYLOADS / name).orders
    assert read(second, first).orders == read(PAYLOADS / name).orders


def test_of_two_exports_the_one_that_tells_a_later_time_counts(tmp_path: Path) -> None:
    header = "order_id,placed_at,updated_at,status,title,line_total,order_total\n"
    old = write(tmp_path, header + "1,2026-01-05,2026-01-05,pending,Soap,9.50,9.50\n", "old.csv")
    new = write(
        tmp_path,
        header
        + "1,2026-01-05,2026-01-06,paid,Soap,9.50,12.50\n"
        + "1,2026-01-05,2026-01-06,paid,Oil,3.00,12.50\n",
        "new.csv",
    )

    order = read(old, new).orders["1"]

    assert order == read(new, old).orders["1"]
    assert (order.status.value, order.total_minor, len(order.lines)) == ("paid", 1250, 2)
