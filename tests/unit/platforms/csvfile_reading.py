"""Reading a CSV file to the end in memory, for tests of the reader alone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from app.events import OrderSeen
from app.platforms import ShopFacts
from app.platforms.csvfile import (
    NOTHING_SAID,
    BadCell,
    BadOrder,
    Mapping,
    Source,
    StagedRow,
    assemble,
    inspect,
    read_row,
    read_rows,
)

PAYLOADS = Path(__file__).parents[2] / "payloads" / "csv"
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Reading:
    """What came of some files."""

    orders: dict[str, OrderSeen] = field(default_factory=dict)
    refused: list[tuple[int, str | None, str]] = field(default_factory=list)
    fixes: list[str] = field(default_factory=list)


def shop(currency: str = "EUR") -> ShopFacts:
    return ShopFacts(currency=currency, timezone="Europe/Rome", domain="shop.example")


def source(path: Path, mapping: Mapping = NOTHING_SAID, currency: str = "EUR") -> Source:
    return inspect(path, shop(currency), NOW, mapping)


def write(folder: Path, text: str, name: str = "orders.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_bytes(text.encode(encoding))
    return path


def read(*paths: Path, mapping: Mapping = NOTHING_SAID, currency: str = "EUR") -> Reading:
    found = Reading()
    rows: dict[str, list[StagedRow]] = {}
    sources = [source(path, mapping, currency) for path in paths]
    for number, one in enumerate(sources):
        for row in read_rows(one.sheet):
            try:
                if isinstance(row, BadCell):
                    raise row
                reference, said = read_row(one.layout, row.cells)
                rows.setdefault(reference, []).append(StagedRow(number, row.line, said))
            except BadCell as bad:
                line = 0 if isinstance(row, BadCell) else row.line
                found.refused.append((line, bad.field, bad.problem))
                found.fixes.append(bad.fix)
    for reference, of_order in rows.items():
        try:
            order = assemble(reference, of_order, sources[0].layout.currency)
            found.orders[order.order_key] = order
        except BadOrder as bad_order:
            found.refused.append((of_order[0].line, bad_order.field, bad_order.problem))
            found.fixes.append(bad_order.fix)
    return found
