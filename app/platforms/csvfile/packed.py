"""Cells into which WooCommerce's export plugins pack a list: lines, refunds, coupons.

`name:Soap|quantity:2|total:9.80;name:Oil|…`, with a backslash before a sign that is text; or JSON.
The Analytics report writes `2× Soap, 1× Oil` and no prices.
"""

import json
import re
from typing import Any

from app.platforms.csvfile.problems import BadValue

Item = dict[str, str]
_NEXT = re.compile(r"(?<!\\);\s*(?=(?:id|name|code|date):)")
_PART = re.compile(r"(?<!\\)\|")
_SAID = re.compile(r"(?:^|, )(\d+)× ")
_FIX = "export it again with a row for each item"


def unpack(text: str) -> list[Item]:
    """The items of a packed cell."""
    if text.startswith("["):
        return _from_json(text)
    return [_item(piece) for piece in _NEXT.split(text) if piece.strip(" ;")]


def _item(piece: str) -> Item:
    item: Item = {}
    for part in _PART.split(piece):
        name, colon, value = part.partition(":")
        if colon:
            item[name.strip()] = value.replace("\\", "").strip()
    if not item:
        raise BadValue("is not a packed list of items", _FIX)
    return item


def _from_json(text: str) -> list[Item]:
    try:
        found: Any = json.loads(text, parse_float=str, parse_int=str)
    except ValueError as error:
        raise BadValue("begins like JSON and is not", _FIX) from error
    if not all(isinstance(one, dict) for one in found):
        raise BadValue("is not a list of items", _FIX)
    return [{name: value for name, value in one.items() if isinstance(value, str)} for one in found]


def said(text: str) -> list[tuple[int, str]]:
    """How many of what, from `2× Soap, 1× Oil`."""
    parts = _SAID.split(text)
    return [(int(parts[n]), parts[n + 1].strip()) for n in range(1, len(parts) - 1, 2)]
