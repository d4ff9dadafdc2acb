"""The lines of an order: from the columns of a row, or out of a packed cell."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from app.platforms.csvfile import values
from app.platforms.csvfile.cells import Cells
from app.platforms.csvfile.packed import Item, said, unpack

_MANY = 10**6
_THOUSANDS = re.compile(r"[1-9]\d{0,2}[.,]\d{3}")
_LONGEST_TITLE = 500


def lines_of(cells: Cells) -> list[dict[str, Any]]:
    """The lines this row tells of: usually one, none, or all those of a packed cell."""
    found = [_unpacked(cells, item) for item in cells.unpacked("line_items", unpack)]
    if any(cells.text(name) for name in ("title", "sku", "product_id")):
        found.append(_line(cells))
    for quantity, title in said(cells.text("products")):
        found.append({"title": title[:_LONGEST_TITLE], "quantity": quantity})
    return found


def _line(cells: Cells) -> dict[str, Any]:
    quantity = _quantity(cells.text("quantity") or "1")
    if quantity is None:
        raise cells.bad("quantity", "is no number of things", "write a whole number, such as 2")
    line = {
        "id": cells.key("line_id"),
        "product": cells.key("product_id"),
        "variant": cells.key("variant_id"),
        "sku": cells.key("sku"),
        "title": cells.text("title")[:_LONGEST_TITLE],
        "quantity": quantity,
        "total": _total(cells, quantity),
    }
    return {name: value for name, value in line.items() if value}


def _total(cells: Cells, quantity: int) -> str | None:
    total = cells.amount("line_total")
    if total is not None:
        return total
    price = cells.amount("unit_price")
    if price is None:
        _refuse_unpriced(cells)
        return None
    return f"{Decimal(price) * quantity - Decimal(cells.amount('line_discount') or 0):f}"


def _refuse_unpriced(cells: Cells) -> None:
    for name in ("line_total", "unit_price"):
        if name in cells.layout.columns:
            raise cells.bad(name, "is empty beside a product", "write what the line cost, or 0")


def _unpacked(cells: Cells, item: Item) -> dict[str, Any]:
    quantity = _quantity(item.get("quantity", "1"))
    if quantity is None:
        raise cells.bad("line_items", "has a quantity that is no number", "export it again")
    total = cells.read("line_items", lambda: values.amount(item.get("total") or "0", "."))
    product = item.get("product_id") or ""
    line = {
        "id": item.get("id"),
        "product": None if product in {"", "0"} else product[:200],
        "sku": (item.get("sku") or "")[:200],
        "title": (item.get("name") or "")[:_LONGEST_TITLE],
        "quantity": quantity,
        "total": total,
    }
    return {name: value for name, value in line.items() if value}


def _quantity(text: str) -> int | None:
    """How many. What is sold by weight counts as one thing at least."""
    if _THOUSANDS.fullmatch(text):
        return None  # A thousand to one reader, one to another.
    try:
        number = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or not 0 <= number <= _MANY:
        return None
    return max(1, int(number)) if number else 0
