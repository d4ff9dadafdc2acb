"""All rows of one order, from however many files and in whatever order, as one OrderSeen.

A file tells the order as it was when the file was written: of files that tell different times the
newest counts, and those that tell the same time, or none, are put together. A line told twice is
one. What the rows of one file disagree on is refused, because the mapping may be wrong.

An import's clock stands a millisecond before the newest moment that its rows name, so that the
shop's own word of the same second wins over it (`app.inbox.imports`).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from app.events import OrderSeen, OrderStatus, Person
from app.platforms.csvfile.fields import MOMENTS
from app.platforms.csvfile.money import lines, refunds, total
from app.platforms.csvfile.problems import BadOrder
from app.platforms.csvfile.staged import StagedRow, content_of

BEFORE_THE_SHOP = timedelta(milliseconds=1)
_TOGETHER = "is its first row in another file, import both in the same command"
_AGREED = ("order_id", "placed_at", "currency", "order_total")
_RANK = (OrderStatus.PENDING, OrderStatus.PAID, OrderStatus.CANCELLED, OrderStatus.REFUNDED)


def assemble(reference: str, rows: Sequence[StagedRow], currency: str) -> OrderSeen:
    """The order. `currency` is meant where no row names one. Raises BadOrder."""
    kept = _newest(rows)
    order = _merged(kept)
    if "placed_at" not in order:
        fix = f"write it on a row of the order; {_TOGETHER}"
        raise BadOrder("placed_at", reference, "no row says when the order was placed", fix)
    money = order.get("currency", currency)
    given_back = refunds(kept, order, money)
    moments = [datetime.fromisoformat(order[name]) for name in MOMENTS if name in order]
    status = _status(order)
    updated_at = max([*moments, *(refund.refunded_at for refund in given_back)])
    return OrderSeen(
        order_key=order.get("order_id", reference),
        number=order.get("order_number", reference),
        person=_person(order),
        status=status,
        currency=money,
        total_minor=total(kept, order, money),
        lines=tuple(lines(kept, money)),
        refunds=tuple(given_back),
        discount_codes=tuple(order.get("codes", ())),
        placed_at=datetime.fromisoformat(order["placed_at"]),
        updated_at=updated_at - BEFORE_THE_SHOP,
        cancelled_at=_moment(order, "cancelled_at")
        or (updated_at if status is OrderStatus.CANCELLED else None),
    )


def _newest(rows: Sequence[StagedRow]) -> list[StagedRow]:
    """The rows of files that tell the newest time, and of those that have a part of the order only:
    rows without a status, such as the later ones in Shopify's export, name no time of their own."""
    told: dict[int, str] = {}
    for row in rows:
        moments = [row.order[name] for name in MOMENTS if name in row.order]
        if moments and "status" in row.order:
            told[row.file] = max(told.get(row.file, ""), *moments)
    newest = max(told.values(), default="")
    return [row for row in rows if told.get(row.file, newest) == newest]


def _merged(rows: Sequence[StagedRow]) -> dict[str, Any]:
    """What the rows say of the order as a whole; of two words the later state's, then the larger,
    so that the order of the rows does not matter."""
    heads = sorted((row.order for row in rows if row.order), key=_weight)
    merged: dict[str, Any] = {}
    for head in heads:
        merged |= head
    for file in {row.file for row in rows}:
        of_file = [row for row in rows if row.file == file]
        for name in _AGREED:
            _require_agreement(name, of_file)
    return merged


def _weight(order: dict[str, Any]) -> tuple[int, Decimal, str]:
    rank = _RANK.index(OrderStatus(order["status"])) if "status" in order else -1
    return rank, Decimal(order.get("refunded_total", 0)), content_of(order)


def _require_agreement(name: str, rows: Sequence[StagedRow]) -> None:
    told: dict[str, int] = {}
    for row in rows:
        if name in row.order:
            told.setdefault(row.order[name], row.line)
    if len(told) > 1:
        values = ", ".join(f"{value} (line {line})" for value, line in sorted(told.items())[:3])
        fix = "make the rows of the order agree; is the right column mapped?"
        raise BadOrder(name, values, "rows of one order say different things", fix)


def _status(order: dict[str, Any]) -> OrderStatus:
    if "cancelled_at" in order:
        return OrderStatus.CANCELLED
    if "status" not in order:
        fix = f"write it on a row of the order; {_TOGETHER}"
        raise BadOrder("status", "", "no row says whether the order was paid", fix)
    return OrderStatus(order["status"])


def _person(order: dict[str, Any]) -> Person:
    names = ("email", "phone", "first_name", "last_name", "locale", "country", "region")
    return Person(
        platform_key=order.get("customer_id"), **{name: order.get(name) for name in names}
    )


def _moment(order: dict[str, Any], name: str) -> datetime | None:
    return datetime.fromisoformat(order[name]) if name in order else None
