"""The mapping file: a small YAML that says what a header does not. Errors name line and fix.

columns: {order_id: Ordine, phone: [Cellulare, Telefono]}
decimal: ","
dates: day_first
timezone: Europe/Rome
currency: EUR
statuses: {Consegnato: paid}
"""

from collections.abc import Mapping as Names
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from app.errors import InvalidInput
from app.events import OrderStatus
from app.money import exponent
from app.platforms.csvfile.fields import ALL
from app.platforms.csvfile.formats import FORMATS
from app.platforms.csvfile.words import status_word

_CHOICES = {
    "format": tuple(FORMATS),
    "decimal": (".", ","),
    "dates": ("day_first", "month_first"),
    "delimiter": (",", ";", "tab"),
    "encoding": ("utf-8", "cp1252", "utf-16"),
}
_KEYS = ("columns", "statuses", "timezone", "currency", *_CHOICES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """What a person said about their files. Whatever is empty is guessed."""

    columns: Names[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: Names[str, OrderStatus] = field(default_factory=dict)
    timezone: str | None = None
    currency: str | None = None
    format: str | None = None
    decimal: str | None = None
    dates: str | None = None
    delimiter: str | None = None
    encoding: str | None = None


NOTHING_SAID = Mapping()


def read_mapping(text: str) -> Mapping:
    """The mapping in `text`. Raises InvalidInput naming the line and what may stand there."""
    try:
        raw: Any = YAML(typ="rt").load(text)
    except YAMLError as error:
        mark = error.problem_mark if isinstance(error, MarkedYAMLError) else None
        where = f"line {mark.line + 1}" if mark else "the file"
        raise InvalidInput(f"mapping, {where}", "is not YAML; put a colon and a space") from error
    if not isinstance(raw, dict):
        raise InvalidInput("mapping", "must be a list of keys, such as `columns:`")
    for key, value in raw.items():
        _check(raw, key, value)
    return Mapping(
        columns={name: _texts(value) for name, value in raw.get("columns", {}).items()},
        statuses={status_word(str(k)): OrderStatus(v) for k, v in raw.get("statuses", {}).items()},
        **{key: str(raw[key]) for key in _KEYS[2:] if key in raw},
    )


def _check(raw: Any, key: Any, value: Any) -> None:
    place = f"mapping, line {raw.lc.key(key)[0] + 1}, {key}"
    if key not in _KEYS:
        raise InvalidInput(place, f"is not known here; use {', '.join(_KEYS)}")
    if key in _CHOICES and value not in _CHOICES[key]:
        raise InvalidInput(place, f"{value!r} is none of {', '.join(_CHOICES[key])}")
    if key == "timezone":
        _must(place, "is not a time zone such as Europe/Rome", ZoneInfo, str(value))
    if key == "currency":
        _must(place, "is not a currency such as EUR", exponent, str(value))
    if key in ("columns", "statuses"):
        if not isinstance(value, CommentedMap):
            raise InvalidInput(place, "must be a list of names with a colon after each")
        known = ALL if key == "columns" else [status.value for status in OrderStatus]
        for name, target in value.items():
            if (name if key == "columns" else target) not in known:
                line = value.lc.key(name)[0] + 1
                wrong = name if key == "columns" else target
                raise InvalidInput(f"mapping, line {line}", f"{wrong}: use {', '.join(known)}")


def _must(place: str, problem: str, reads: Any, value: str) -> None:
    try:
        reads(value)
    except (ValueError, KeyError, OSError) as error:
        raise InvalidInput(place, problem) from error


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)
