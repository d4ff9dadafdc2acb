"""Reading a JSON body field by field. Whatever is not as we know it raises MalformedPayload with
the field's full path; it must never guess, and never let a wrong type travel further."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from app.errors import MalformedPayload
from app.jsontext import read_exact, storable
from app.money import minor_units

T = TypeVar("T")


class Fields:
    """One JSON object and the path that leads to it, which is put together where it is needed."""

    __slots__ = ("_above", "_place", "_values")

    def __init__(self, values: dict[str, Any], place: str, above: "Fields | None" = None) -> None:
        self._values, self._place, self._above = values, place, above

    @classmethod
    def parse(cls, body: bytes, path: str, read: Callable[[bytes], Any] = read_exact) -> "Fields":
        """The object in `body`; numbers with a point stay exact."""
        try:
            values = read(body)
        except (ValueError, RecursionError) as error:
            raise MalformedPayload(f"{path}: the body is not complete JSON") from error
        if not isinstance(values, dict):
            raise MalformedPayload(f"{path}: the body is not a JSON object")
        return cls(values, path)

    def has(self, name: str) -> bool:
        return self._values.get(name) is not None

    def text(self, name: str) -> str | None:
        """A string, trimmed; None when absent, null or blank."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, str):
            self.fail(name, "is not text")
        return storable(value).strip() or None

    def key(self, name: str) -> str | None:
        """An id of the platform as text: 123, "123" and "gid://shopify/Order/123" are one."""
        value = self._values.get(name)
        if value is None:
            return None
        if type(value) is int:  # Nearly all are; bool is another type.
            return str(value)
        if not isinstance(value, str):
            self.fail(name, "is not an id")
        return storable(value).strip().rpartition("/")[2] or None

    def moment(self, name: str) -> datetime | None:
        """An instant in UTC."""
        value = self.text(name)
        if value is None:
            return None
        try:
            moment = datetime.fromisoformat(value)
            in_utc = moment.astimezone(UTC) if moment.tzinfo else None
        except (ValueError, OverflowError):
            in_utc = None
        if in_utc is None:
            self.fail(name, "is not a time with a zone")
        return in_utc

    def money(self, name: str, currency: str) -> int | None:
        """A decimal amount in minor units of `currency`."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
            self.fail(name, "is not an amount")
        try:
            return minor_units(str(value), currency)
        except ValueError as error:
            raise MalformedPayload(f"{self._path_to(name)}: {error}") from error

    def count(self, name: str) -> int:
        """A whole number; 0 when absent."""
        value = self._values.get(name) or 0
        if type(value) is not int:  # bool is another type.
            self.fail(name, "is not a whole number")
        return value

    def flag(self, name: str) -> bool:
        return self._values.get(name) is True

    def words(self, name: str) -> tuple[str, ...]:
        """Words as a list of strings, or as one string parted by commas."""
        value = self._values.get(name) or ()
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list | tuple) or not all(isinstance(p, str) for p in parts):
            self.fail(name, "is not a list of words")
        return tuple(word for part in parts if (word := storable(part).strip()))

    def keys(self, name: str) -> tuple[str, ...]:
        """A list of ids."""
        value = self._values.get(name) or []
        if not isinstance(value, list):
            self.fail(name, "is not a list")
        rows = [Fields({"id": item}, f"{name}[{n}]", self) for n, item in enumerate(value)]
        return tuple(key for row in rows if (key := row.key("id")))

    def sub(self, name: str) -> "Fields":
        """A nested object; an empty one when absent."""
        value = self._values.get(name)
        if value is not None and not isinstance(value, dict):
            self.fail(name, "is not an object")
        return Fields(value or {}, name, self)

    def rows(self, name: str) -> list["Fields"]:
        """A list of objects; empty when absent."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(isinstance(row, dict) for row in value):
            self.fail(name, "is not a list of objects")
        return [Fields(row, f"{name}[{n}]", self) for n, row in enumerate(value)]

    def must(self, read: Callable[[str], T | None], name: str) -> T:
        """`read(name)`, where absence is an error: ``body.must(body.key, "id")``."""
        value = read(name)
        if value is None:
            self.fail(name, "is missing")
        return value

    def must_money(self, name: str, currency: str) -> int:
        value = self.money(name, currency)
        if value is None:
            self.fail(name, "is missing")
        return value

    def fail(self, name: str, problem: str) -> NoReturn:
        raise MalformedPayload(f"{self._path_to(name)} {problem}")

    def _path_to(self, name: str) -> str:
        return f"{self._above._path_to(self._place) if self._above else self._place}.{name}"
