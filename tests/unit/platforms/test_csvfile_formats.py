"""The exports as the shops write them, column by column."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.events import ALL_REFUNDS, OrderStatus, Person
from tests.unit.platforms.csvfile_reading import PAYLOADS, read, source, write


def test_a_shopify_order_is_put_together_from_its_rows() -> None:
    order = read(PAYLOADS / "shopify_orders.csv").orders["7410991464714"]

    assert (order.number, order.status, order.total_minor) == ("#1001", OrderStatus.PAID, 11500)
    assert order.person == Person(
        email="anna@example.com",
        phone="+393331234567",
        first_name="Anna",
        last_name="Rossi",
        country="IT",
        region="MI",
    )
    assert [(line.title, line.quantity, line.total_minor) for line in order.lines] == [
        ('Olio "Extra"', 1, 1000),
        ("Sapone, lavanda", 3, 10000),
    ]
    assert order.discount_codes == ("BENVENUTA", "OLIO5")
    assert order.placed_at == datetime(2025, 10, 7, 7, 50, 20, tzinfo=UTC)


def test_a_shopify_refund_is_a_sum_of_unknown_parts() -> None:
    (refund,) = read(PAYLOADS / "shopify_orders.csv").orders["7410991464714"].refunds

    assert (refund.refund_key, refund.amount_minor) == (ALL_REFUNDS, 1000)
    assert refund.refunded_at == datetime(2025, 10, 8, 12, 21, 21, tzinfo=UTC)


def test_a_shopify_sale_at_the_till_names_nobody() -> None:
    order = read(PAYLOADS / "shopify_orders.csv").orders["7410991464715"]

    assert order.person == Person()
    assert order.status is OrderStatus.PAID


def test_a_cancelled_shopify_order_was_cancelled_when_the_export_says() -> None:
    order = read(PAYLOADS / "shopify_orders.csv").orders["7410991464716"]

    assert order.status is OrderStatus.CANCELLED
    assert order.cancelled_at == datetime(2025, 11, 5, 7, 0, tzinfo=UTC)
    assert (order.person.first_name, order.person.last_name) == ("Bruno", "de Luca")


def test_an_import_speaks_a_moment_before_the_newest_date_it_names() -> None:
    order = read(PAYLOADS / "shopify_orders.csv").orders["7410991464714"]

    assert order.updated_at == datetime(2025, 10, 8, 12, 21, 20, 999000, tzinfo=UTC)


def test_a_woocommerce_export_with_a_row_for_each_item_keeps_the_shop_s_own_ids() -> None:
    order = read(PAYLOADS / "woocommerce_items.csv").orders["901"]

    assert (order.number, order.person.platform_key, order.total_minor) == ("W-901", "12", 4500)
    assert [(line.line_key, line.product_key, line.total_minor) for line in order.lines] == [
        ("32", "502", 639),
        ("31", "501", 3361),
    ]
    assert [(refund.refund_key, refund.amount_minor) for refund in order.refunds] == [("77", 1500)]
    assert order.refunds[0].refunded_at == datetime(2025, 12, 5, 8, 0, tzinfo=UTC)
    assert order.discount_codes == ("natale",)


def test_customer_zero_of_woocommerce_is_a_guest() -> None:
    order = read(PAYLOADS / "woocommerce_items.csv").orders["902"]

    assert (order.person.platform_key, order.person.email) == (None, "dino@example.com")
    assert order.status is OrderStatus.CANCELLED


def test_lines_packed_into_numbered_columns_are_unpacked() -> None:
    order = read(PAYLOADS / "woocommerce_packed.csv").orders["903"]

    assert [(line.title, line.product_key, line.total_minor) for line in order.lines] == [
        ("Olio", "503", 1000),
        ("Sapone; bianco", "501", 2000),
    ]
    assert order.placed_at == datetime(2025, 12, 31, 22, 30, tzinfo=UTC)


def test_an_export_with_spelled_out_headers_is_woocommerce_s_too() -> None:
    order = read(PAYLOADS / "woocommerce_algol.csv").orders["904"]

    assert (order.total_minor, order.person.email) == (2750, "fabio@example.com")
    assert sorted(line.total_minor for line in order.lines) == [750, 2000]
    assert order.refunds == ()


def test_the_analytics_report_gives_totals_and_titles_and_nobody() -> None:
    order = read(PAYLOADS / "woocommerce_analytics.csv").orders["905"]

    assert (order.total_minor, order.status) == (5000, OrderStatus.PAID)
    assert [(line.title, line.quantity) for line in order.lines] == [
        ("Olio", 1),
        ("Sapone, bianco", 2),
    ]
    assert (order.person.email, order.person.first_name) == (None, "Gina")


def test_an_italian_file_of_a_spreadsheet_is_read_without_a_word() -> None:
    path = PAYLOADS / "plain_italian.csv"

    order = read(path).orders["A1"]
    how = source(path)

    assert (how.sheet.encoding, how.sheet.delimiter, how.layout.decimal) == ("cp1252", ";", ",")
    assert order.total_minor == 123450
    assert [(line.title, line.total_minor) for line in order.lines] == [
        ("Caffè", 100000),
        ("Tè", 23450),
    ]
    assert (order.person.last_name, order.person.country) == ("Così", "IT")
    assert order.placed_at == datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
    assert [refund.amount_minor for refund in order.refunds] == [3450]
    assert order.discount_codes == ("NATALE",)


@pytest.mark.parametrize(
    "header",
    [
        "Pedido;Fecha;Estado;Correo electrónico;Total del pedido;Cantidad;Artículo",
        "Nº pedido;Data do pedido;Situação;E-mail;Valor total;Quantidade;Produto",
        "ORDER_ID\tplaced at\tStatus\tEMAIL\tOrder-Total\tQty\tProduct Name",
    ],
)
def test_headers_are_known_in_any_case_and_language(tmp_path: Path, header: str) -> None:
    delimiter = "\t" if "\t" in header else ";"
    row = delimiter.join(["7", "2026-01-05", "Pagado", "a@example.com", "9,50", "2", "Té"])

    order = read(write(tmp_path, f"{header}\n{row}\n")).orders["7"]

    assert (order.total_minor, order.person.email) == (950, "a@example.com")
    assert [(line.title, line.quantity) for line in order.lines] == [("Té", 2)]


@pytest.mark.parametrize(("currency", "minor"), [("JPY", 1200), ("KWD", 1200000), ("EUR", 120000)])
def test_an_amount_is_counted_in_the_units_of_its_currency(
    tmp_path: Path, currency: str, minor: int
) -> None:
    text = f"order_id,placed_at,order_total,currency\n1,2026-01-05,1200,{currency}\n"

    assert read(write(tmp_path, text)).orders["1"].total_minor == minor


def test_a_file_without_a_currency_is_in_the_store_s(tmp_path: Path) -> None:
    path = write(tmp_path, 'order_id,placed_at,order_total\n1,2026-01-05,"1,200"\n')

    order = read(path, currency="JPY").orders["1"]

    assert (order.currency, order.total_minor) == ("JPY", 1200)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_out(tmp_path: Path, encoding: str) -> None:
    text = "order_id,placed_at,order_total,title\n1,2026-01-05,2.50,Perché\n"

    order = read(write(tmp_path, text, encoding=encoding)).orders["1"]

    assert [line.title for line in order.lines] == ["Perché"]


def test_a_time_without_a_zone_is_the_store_s_also_in_summer(tmp_path: Path) -> None:
    text = "order_id,placed_at,order_total\n1,2025-07-01 12:00,1.50\n2,2025-07-01T12:00:00Z,1.50\n"

    orders = read(write(tmp_path, text)).orders

    assert orders["1"].placed_at == datetime(2025, 7, 1, 10, 0, tzinfo=UTC)
    assert orders["2"].placed_at == datetime(2025, 7, 1, 12, 0, tzinfo=UTC)
