"""The money of an order put together from its rows: lines, total, refunds, in minor units."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from app.events import ALL_REFUNDS, Line, Refund
from app.money import minor_units
from app.platforms.csvfile.fields import MOMENTS
from app.platforms.csvfile.problems import BadOrder
from app.platforms.csvfile.staged import StagedRow, content_of, digest_of


def lines(rows: Sequence[StagedRow], currency: str) -> list[Line]:
    """Each line once. Without an id of its own a line is known by its content, so that the order
    of the rows does not matter."""
    found: dict[str, dict[str, Any]] = {}
    for line in sorted((one for row in rows for one in row.said.get("l", ())), key=content_of):
        found[line.get("id") or digest_of(content_of(line)).hex()] = line
    return [_line(key, line, currency) for key, line in sorted(found.items(), key=_by_title)]


def _by_title(entry: tuple[str, dict[str, Any]]) -> tuple[str, str]:
    return entry[1].get("title", ""), entry[0]


def _line(key: str, line: dict[str, Any], currency: str) -> Line:
    sku = line.get("sku")
    return Line(
        line_key=key,
        # Marked, so that an article number is never taken for the id of another product.
        product_key=line.get("product") or (f"sku:{sku}" if sku else None),
        variant_key=line.get("variant"),
        title=line.get("title") or line.get("sku") or "",
        quantity=line.get("quantity", 0),
        total_minor=_minor("line_total", line.get("total", "0"), currency),
    )


def total(rows: Sequence[StagedRow], order: dict[str, Any], currency: str) -> int:
    """What the order cost: as told, else the sum of its lines."""
    if "order_total" in order:
        return _minor("order_total", order["order_total"], currency)
    if not any("l" in row.said for row in rows):
        raise BadOrder("order_total", "", "neither a total nor a line says what it cost", "add it")
    return sum(line.total_minor for line in lines(rows, currency))


def refunds(rows: Sequence[StagedRow], order: dict[str, Any], currency: str) -> list[Refund]:
    """Refunds by their ids, and as one sum what is told without."""
    told = {content_of(row.said): row.said.get("r", ()) for row in rows}
    every = [refund for row in told.values() for refund in row]
    last = max(order[name] for name in MOMENTS if name in order)
    named = {refund["id"]: refund for refund in sorted(every, key=content_of) if refund["id"]}
    found = [_refund(key, one["amount"], one["at"] or last, currency) for key, one in named.items()]
    nameless = [refund for refund in every if not refund["id"]]
    known = sum(refund.amount_minor for refund in found)
    rest = sum(_minor("refund_amount", one["amount"], currency) for one in nameless)
    whole = _minor("refunded_total", order.get("refunded_total", "0"), currency)
    if rest or whole > known:
        at = max((one["at"] for one in nameless if one["at"]), default=last)
        amount = max(known + rest, whole)
        found.append(Refund(refund_key=ALL_REFUNDS, amount_minor=amount, refunded_at=_at(at)))
    return found


def _refund(key: str, amount: str, at: str, currency: str) -> Refund:
    minor = _minor("refund_amount", amount, currency)
    return Refund(refund_key=key, amount_minor=minor, refunded_at=_at(at))


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _minor(field: str, amount: str, currency: str) -> int:
    """Half a unit is rounded: plugins write what a line costs with more decimals than money has."""
    try:
        minor = minor_units(amount, currency)
    except ValueError as error:
        raise BadOrder(field, amount, "is no amount of money", "correct it") from error
    if Decimal(amount) < 0 and field != "line_total":
        raise BadOrder(field, amount, "is less than nothing", "write refunds into their own column")
    return minor
