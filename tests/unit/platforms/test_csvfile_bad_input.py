"""What a file may have wrong: each has its line, its column and its way out, and costs no more."""

from pathlib import Path

import pytest

from app.errors import InvalidInput
from app.platforms.csvfile import read_mapping
from tests.unit.platforms.csvfile_reading import PAYLOADS, read, source, write

HEAD = "order_id,placed_at,status,email,title,line_total,order_total\n"


def test_each_broken_row_is_named_and_the_good_ones_are_read() -> None:
    reading = read(PAYLOADS / "plain_broken.csv")

    assert sorted(reading.orders) == ["B1", "B14"]
    assert [(line, field) for line, field, _ in reading.refused] == [
        (3, "placed_at"),
        (4, "status"),
        (5, "email"),
        (6, "quantity"),
        (7, "line_total"),
        (8, "order_id"),
        (9, "currency"),
        (10, None),
        (11, "order_id"),
        (12, "placed_at"),
        (13, "status"),
        (14, "order_total"),
    ]
    assert all(reading.fixes)


def test_rows_of_one_order_that_disagree_betray_a_wrong_column() -> None:
    reading = read(PAYLOADS / "plain_broken.csv")

    assert "B13" not in reading.orders
    assert (14, "order_total", "rows of one order say different things") in reading.refused


def test_a_quotation_mark_left_open_loses_only_what_follows(tmp_path: Path) -> None:
    rows = '1,2026-01-05,paid,,Soap,1.50,1.50\n2,2026-01-05,paid,,"Soap,1.50,1.50\n'

    reading = read(write(tmp_path, HEAD + rows))

    assert list(reading.orders) == ["1"]
    assert "from line 3 on" in reading.refused[0][2]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        ("just one column\n", "has one column"),
        ("a,b,c\n1,2,3\n", "no column holds the order's id"),
        ("order_id,order_total\n1,2\n", "no column holds when it was placed"),
        ("order_id,placed_at\n1,2\n", "no column holds what the whole order cost"),
    ],
)
def test_a_file_that_holds_no_orders_is_refused_at_once(
    tmp_path: Path, text: str, problem: str
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        source(write(tmp_path, text))


def test_a_file_with_a_header_only_has_no_orders_and_no_problem(tmp_path: Path) -> None:
    reading = read(write(tmp_path, HEAD))

    assert (reading.orders, reading.refused) == ({}, [])


def test_an_amount_that_can_be_read_two_ways_is_refused_until_a_mapping_tells(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, 'order_id,placed_at,order_total\n1,2026-01-05,"1,234"\n')

    guessed, told = read(path), read(path, mapping=read_mapping('decimal: "."'))

    assert guessed.refused[0][:2] == (2, "order_total")
    assert "decimal" in guessed.fixes[0]
    assert told.orders["1"].total_minor == 123400


def test_other_amounts_of_the_file_tell_what_a_sign_means(tmp_path: Path) -> None:
    rows = '1,2026-01-05,"1,234"\n2,2026-01-05,7.90\n'

    orders = read(write(tmp_path, "order_id,placed_at,order_total\n" + rows)).orders

    assert orders["1"].total_minor == 123400


def test_a_date_that_can_be_read_two_ways_is_refused_until_a_mapping_tells(tmp_path: Path) -> None:
    path = write(tmp_path, "order_id,placed_at,order_total\n1,01/02/2026,1.50\n")

    guessed = read(path)
    day, month = (
        read(path, mapping=read_mapping(f"dates: {choice}")).orders["1"].placed_at
        for choice in ("day_first", "month_first")
    )

    assert guessed.refused[0][:2] == (2, "placed_at")
    assert "dates" in guessed.fixes[0]
    assert (f"{day:%m-%d %H}", f"{month:%m-%d %H}") == ("01-31 23", "01-01 23")


def test_a_mapping_names_columns_statuses_currency_and_zone(tmp_path: Path) -> None:
    path = write(tmp_path, "K;W;S;B;T\n1;2026-01-05 12:00;Ab;a@example.com;1200\n")
    mapping = read_mapping(
        "columns: {order_id: K, placed_at: W, status: s, email: [B, B], order_total: T}\n"
        "statuses: {ab: refunded}\ncurrency: JPY\ntimezone: Asia/Tokyo\n"
    )

    order = read(path, mapping=mapping).orders["1"]

    assert (order.status.value, order.currency, order.total_minor) == ("refunded", "JPY", 1200)
    assert order.placed_at.isoformat() == "2026-01-05T03:00:00+00:00"


def test_a_mapping_to_a_column_that_is_not_there_names_those_that_are(
    tmp_path: Path,
) -> None:
    mapping = read_mapping("columns: {order_total: Gone}")

    with pytest.raises(InvalidInput, match="no column “Gone”; it has “order_id”"):
        source(write(tmp_path, HEAD), mapping)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("colums: {}", "line 1, colums: is not known"),
        ("columns:\n  order: X", "line 2: order: use order_id"),
        ("statuses:\n  Ok: good", "line 2: good: use pending, paid"),
        ("decimal: point", "line 1, decimal: 'point' is none of"),
        ("timezone: Mars", "is not a time zone"),
        ("currency: ECU", "is not a currency"),
        ("columns: [a", "is not YAML"),
        ("just text", "must be a list of keys"),
    ],
)
def test_a_wrong_mapping_file_names_line_key_and_choices(text: str, problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        read_mapping(text)


def test_a_part_of_a_shopify_order_without_its_first_row_asks_for_the_other_file(
    tmp_path: Path,
) -> None:
    lines = (PAYLOADS / "shopify_orders.csv").read_text().splitlines(keepends=True)

    reading = read(write(tmp_path, lines[0] + lines[2]))

    assert reading.orders == {}
    assert reading.refused[0][:2] == (2, "status")
    assert "in the same command" in reading.fixes[0]
