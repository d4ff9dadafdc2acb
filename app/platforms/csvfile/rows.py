"""One row of a file in our words: what it says of its order, of a line of it, of money given back.

The result is plain and small, because a million of them wait in the database until all rows of
their order have come. Amounts stay decimal text: the currency may stand on another row.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from app.events import OrderStatus
from app.money import exponent
from app.platforms.csvfile import fields
from app.platforms.csvfile.buyers import buyer_of
from app.platforms.csvfile.cells import Cells
from app.platforms.csvfile.fields import MOMENTS
from app.platforms.csvfile.layout import Layout
from app.platforms.csvfile.lines import lines_of
from app.platforms.csvfile.packed import unpack
from app.platforms.csvfile.problems import BadCell
from app.platforms.csvfile.refunds import positive, refunds_of
from app.platforms.csvfile.words import DRAFTS, STATUSES, status_word

Said = dict[str, Any]
_CODES = re.compile(r"[,;|]")
_NAMES = ("first_name", "last_name", "region", "locale")
_LATEST = timedelta(days=2)


def read_row(layout: Layout, raw: Sequence[str]) -> tuple[str, Said]:
    """The reference that all rows of the order share, and what this row says. Raises BadCell."""
    if any(cell.strip() for cell in raw[len(layout.header) :]):
        raise BadCell(
            None,
            raw[len(layout.header)],
            f"has {len(raw)} cells under {len(layout.header)} headers",
            "put quotation marks around a cell that holds the delimiter",
        )
    parts = _parts(layout)
    padded = [*raw, *[""] * (len(layout.header) - len(raw))]
    told = _order(layout, tuple(padded[index] for index in parts.order))
    reference = next((told[name] for name in layout.format.groups_by if name in told), None)
    if reference is None:
        name = layout.format.groups_by[0]
        raise BadCell(name, "", "is empty", "every row must name its order")
    cells = Cells(layout, padded, parts.rest_columns)
    said: Said = {"o": told, "l": lines_of(cells), "r": refunds_of(cells)}
    return reference, {part: value for part, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class _Parts:
    """The cells that tell of the order, which most rows of an order repeat, and the others."""

    order: tuple[int, ...]
    order_columns: Mapping[str, tuple[int, ...]]
    rest_columns: Mapping[str, tuple[int, ...]]


@lru_cache(maxsize=16)
def _parts(layout: Layout) -> _Parts:
    of_order = {name: indexes for name, indexes in layout.columns.items() if name in fields.ORDER}
    order = tuple(sorted({index for indexes in of_order.values() for index in indexes}))
    moved = {name: tuple(order.index(i) for i in indexes) for name, indexes in of_order.items()}
    rest = {name: indexes for name, indexes in layout.columns.items() if name not in of_order}
    return _Parts(order, moved, rest)


@lru_cache(maxsize=2048)
def _order(layout: Layout, raw: tuple[str, ...]) -> Said:
    cells = Cells(layout, raw, _parts(layout).order_columns)
    said: Said = {name: found.isoformat() for name in MOMENTS if (found := _moment(cells, name))}
    said |= {name: key for name in ("order_id", "order_number") if (key := cells.key(name))}
    said |= {name: text for name in _NAMES if (text := cells.text(name))}
    said["status"] = _status(cells, said)
    said["currency"] = _currency(cells)
    said["order_total"] = cells.amount("order_total")
    said["refunded_total"] = positive(cells.amount("refunded_total"))
    said["codes"] = _codes(cells)
    return {name: value for name, value in (said | buyer_of(cells)).items() if value}


def _moment(cells: Cells, name: str) -> datetime | None:
    found = cells.moment(name)
    if found is not None and found > cells.layout.now + _LATEST:
        raise cells.bad(name, "lies in the future", "correct it; do day and month stand in order?")
    return found


def _status(cells: Cells, said: Said) -> str | None:
    text = cells.text("status")
    if not text:
        # Where no column tells, an order of history was paid.
        return None if "status" in cells.layout.columns else OrderStatus.PAID.value
    word = status_word(text)
    if word in DRAFTS:
        raise cells.bad("status", "is a draft and no order yet", "leave the row out")
    status = cells.layout.statuses.get(word) or STATUSES.get(word)
    if status is None and "paid_at" in said:
        # Plugins add statuses, nearly all of them for what follows a payment.
        status = OrderStatus.PAID
    if status is None:
        fix = f"say what it means in a mapping file: statuses: {{{text}: paid}}"
        raise cells.bad("status", "is a status we do not know", fix)
    return status.value


def _currency(cells: Cells) -> str | None:
    text = cells.text("currency").upper()
    if not text:
        return None
    try:
        exponent(text)
    except ValueError as error:
        raise cells.bad("currency", "is no currency", "write its code, such as EUR") from error
    return text


def _codes(cells: Cells) -> list[str]:
    codes = [code.strip() for code in _CODES.split(cells.text("discount_code"))]
    codes += [item.get("code", "") for item in cells.unpacked("coupon_items", unpack)]
    return list(dict.fromkeys(code[:200] for code in codes if code))
