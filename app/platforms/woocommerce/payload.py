"""Reading WooCommerce's JSON field by field. What has the wrong shape is refused by the field's
name; it must never guess a value or pass a float on."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from app.errors import MalformedPayload
from app.jsontext import read_exact, storable
from app.money import minor_units

Body = Mapping[str, Any]
_MANY = 10**9


def parse(raw: bytes) -> Body:
    """The JSON object in `raw`. Numbers with a fraction become Decimal."""
    try:
        body = read_exact(raw)
    except (ValueError, RecursionError) as error:
        raise MalformedPayload("The body is not JSON that we can read.") from error
    if not isinstance(body, dict):
        raise MalformedPayload("The body is not a JSON object.")
    return body


def text(body: Body, field: str) -> str | None:
    """A text or number as trimmed text; None when it is missing or empty."""
    value = body.get(field)
    if value is None or isinstance(value, bool | list | dict):
        return None
    return storable(str(value)).strip() or None


def required(body: Body, field: str) -> str:
    value = text(body, field)
    if value is None:
        raise MalformedPayload(f"{field}: is missing or empty")
    return value


def key(body: Body, field: str) -> str | None:
    """An id as text. WooCommerce writes 0 where there is none."""
    value = text(body, field)
    return None if value in {None, "0"} else value


def required_key(body: Body, field: str) -> str:
    value = key(body, field)
    if value is None:
        raise MalformedPayload(f"{field}: is missing or 0")
    return value


def address(body: Body, field: str) -> str | None:
    """A web address that may stand in a message; anything else is none."""
    value = text(body, field)
    return value if value and value.lower().startswith(("https://", "http://")) else None


def moment(body: Body, field: str) -> datetime | None:
    """A `_gmt` date: UTC although it carries no offset. WordPress' date of zeros is none."""
    value = text(body, field)
    if value is None or value.startswith("0000"):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError as error:
        raise MalformedPayload(f"{field}: {value!r} is not a date and time") from error
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def money(body: Body, field: str, currency: str) -> int:
    """A decimal text in minor units."""
    try:
        return minor_units(required(body, field), currency)
    except ValueError as error:
        raise MalformedPayload(f"{field}: {error}") from error


def quantity(body: Body) -> int:
    """How many. Shops that sell by weight may give a fraction: never less than one."""
    value = text(body, "quantity") or "1"
    try:
        count = Decimal(value)
    except InvalidOperation as error:
        raise MalformedPayload(f"quantity: {value!r} is not a number") from error
    if not count.is_finite() or abs(count) > _MANY:
        raise MalformedPayload(f"quantity: {value!r} is not a number of things")
    return max(1, int(count))


def inner(body: Body, field: str) -> Body:
    """A nested object. PHP writes an empty one as `[]`."""
    value = body.get(field)
    return value if isinstance(value, dict) else {}


def rows(body: Body, field: str) -> list[Body]:
    """A list of objects; nothing given is an empty list."""
    value = body.get(field)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
        raise MalformedPayload(f"{field}: is not a list of objects")
    return value


def meta(body: Body) -> dict[str, str]:
    """`meta_data` as a mapping; values that plugins keep as lists or objects are left out."""
    found = {text(row, "key"): text(row, "value") for row in rows(body, "meta_data")}
    return {name: value for name, value in found.items() if name and value}
