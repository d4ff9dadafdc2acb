"""Amounts and dates as people and programs write them.

Never guesses: `1,234` and `01/02/2026` can be read two ways, so either other cells of the same file
settle how it writes them (`decimal_in`, `day_first_in`), or the cell is refused with the way out.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from app.platforms.csvfile.problems import BadValue

_MONEY_WORDS = re.compile(r"[^\d.,+\-'’\s]+")
_PLAIN = re.compile(r"-?\d+(?:\.\d+)?")
_SPACES = re.compile(r"[\s'’]+")
_NUMBER = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:[.,]\d{3})+)?(?:[.,]\d+)?")
_FIRST_NUMBER = re.compile(r"\d[\d.,]*(?:[ \u00a0\u202f]\d{3}(?!\d))*(?:[.,]\d+)?")
_ZONE = re.compile(r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})$", re.IGNORECASE)
_BY_PEOPLE = re.compile(
    r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4})"
    r"(?:[\sT,]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s*([ap])\.?m\.?)?)?",
    re.IGNORECASE,
)
_NO_DATE = "0000-00-00"
_AMOUNT_FIX = "write it with digits and one decimal sign, such as 1234.50"
_DATE_FIX = "write it as 2026-03-31 18:05:00"


def first_amount(text: str) -> str:
    """The first amount in a text that shows more than one, such as a price struck through."""
    found = _FIRST_NUMBER.search(text)
    return found.group() if found else text


def amount(text: str, decimal: str | None, *, has_decimals: bool = True) -> str:
    """`text` as a plain decimal number. `decimal` is the file's sign, None if nothing shows it."""
    if decimal == "." and _PLAIN.fullmatch(text):
        return text
    bare = _SPACES.sub("", _MONEY_WORDS.sub("", text)).rstrip(".,")
    if not bare or not bare.strip("+-") or not _NUMBER.fullmatch(bare):
        raise BadValue("is not an amount of money", _AMOUNT_FIX)
    signs = [char for char in bare if char in ".,"]
    if not signs:
        return bare
    if len(set(signs)) == 2 or len(signs) > 1:
        decimal = signs[-1] if len(set(signs)) == 2 else "none"
    elif decimal is None:
        decimal = _only_sign(bare, signs[0], has_decimals)
    return _joined(bare, decimal)


def _only_sign(bare: str, sign: str, has_decimals: bool) -> str:
    if len(bare.rpartition(sign)[2]) != 3:
        return sign
    if not has_decimals:
        return "none"
    raise BadValue(
        f"can be a thousand or a fraction: nothing in the file shows what “{sign}” means",
        'name the decimal sign in a mapping file: decimal: "." or decimal: ","',
    )


def _joined(bare: str, decimal: str) -> str:
    whole, found, rest = bare.partition(decimal)
    groups = re.split(r"[.,]", whole.lstrip("+-"))
    if any(len(group) != 3 for group in groups[1:]) or (found and not rest.isdigit()):
        raise BadValue("is not an amount of money", _AMOUNT_FIX)
    sign = "-" if bare.startswith("-") else ""
    return f"{sign}{''.join(groups) or '0'}{'.' + rest if found else ''}"


def decimal_in(texts: Iterable[str]) -> str | None:
    """The decimal sign that some of these amounts give away; None when none does."""
    for text in texts:
        bare = _SPACES.sub("", _MONEY_WORDS.sub("", text)).rstrip(".,")
        signs = [char for char in bare if char in ".,"]
        if len(set(signs)) == 2 or (len(signs) == 1 and len(bare.rpartition(signs[0])[2]) != 3):
            return signs[-1]
        if len(signs) > 1:
            return "," if signs[0] == "." else "."
    return None


@lru_cache(maxsize=8192)
def moment(text: str, zone: str, day_first: bool | None) -> datetime | None:
    """An instant in UTC, read in `zone` when it names none; None for the empty date of zeros."""
    if text.startswith(_NO_DATE):
        return None
    offset = _ZONE.search(text)
    bare = text[: offset.start()] if offset and ":" in text[: offset.start()] else text
    try:
        found = _naive(bare, day_first)
        if bare != text and offset is not None:
            return datetime.fromisoformat(f"{found.isoformat()}{_iso_zone(offset[1])}").astimezone(
                UTC
            )
        local = found if found.tzinfo else found.replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadValue("is not a date", _DATE_FIX) from error


def _iso_zone(zone: str) -> str:
    return "+00:00" if zone[0].isalpha() else zone


def _naive(text: str, day_first: bool | None) -> datetime:
    by_people = _BY_PEOPLE.fullmatch(text.strip())
    if by_people is None:
        return datetime.fromisoformat(text.strip().replace("/", "-"))
    first, _, second, year, hour, minute, seconds, half = by_people.groups()
    if day_first is None and int(first) <= 12 and int(second) <= 12 and first != second:
        raise BadValue(
            "can be read two ways: nothing in the file shows whether the day comes first",
            "say it in a mapping file: dates: day_first or dates: month_first",
        )
    month_leads = int(second) > 12 if day_first is None else not day_first
    day, month = (second, first) if month_leads else (first, second)
    hours = int(hour or 0) % 12 + 12 * (half in "pP") if half else int(hour or 0)
    return datetime(  # noqa: DTZ001 - the caller knows the zone.
        int(year), int(month), int(day), hours, int(minute or 0), int(seconds or 0)
    )


def day_first_in(texts: Iterable[str]) -> bool | None:
    """Whether some of these dates give away that the day comes first; None when none does."""
    for text in texts:
        found = _BY_PEOPLE.match(text.strip())
        if found and (int(found[1]) > 12) != (int(found[3]) > 12):
            return int(found[1]) > 12
    return None
