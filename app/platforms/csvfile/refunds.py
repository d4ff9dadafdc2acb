"""Money given back: from the columns of a row, or out of a packed cell."""

from decimal import Decimal
from typing import Any

from app.platforms.csvfile import values
from app.platforms.csvfile.cells import Cells
from app.platforms.csvfile.packed import Item, unpack


def refunds_of(cells: Cells) -> list[dict[str, Any]]:
    """The refunds this row tells of."""
    packed = [item for item in cells.unpacked("refunds", unpack) if item.get("amount")]
    found = [cells.read("refunds", lambda item=item: _unpacked(cells, item)) for item in packed]  # type: ignore[misc]
    amount = positive(cells.amount("refund_amount"))
    if amount:
        at = cells.moment("refunded_at")
        when = at.isoformat() if at else None
        found.append({"id": cells.key("refund_id"), "amount": amount, "at": when})
    return found


def _unpacked(cells: Cells, item: Item) -> dict[str, Any]:
    layout = cells.layout
    date = item.get("date")
    at = values.moment(date, layout.timezone, layout.day_first) if date else None
    return {
        "id": item.get("id"),
        "amount": positive(values.amount(item["amount"], ".")),
        "at": at.isoformat() if at else None,
    }


def positive(amount: str | None) -> str | None:
    """Money given back is negative in some exports and positive in others; zero is none."""
    return str(abs(Decimal(amount))) if amount and Decimal(amount) else None
