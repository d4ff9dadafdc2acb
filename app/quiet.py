"""When a person may be written to, by the clocks where they may be. Pure; safe at clock changes.

Everything is asked of an instant, never of a wall time: a local time that does not exist, or exists
twice, or a day that a country skips, then needs no rule of its own.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from importlib import resources
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers.timezone import time_zones_for_number

from app.events import ConsentChannel
from app.quiet_data import (
    ALL_DAY,
    HOLIDAYS,
    HOURS_RULES,
    MAIN_ZONES,
    REGION_ZONES,
    REST,
    HoursRule,
    Span,
)

HORIZON = timedelta(days=8)
"""How far ahead a common moment is looked for."""

MOST_VALID_SECONDS = 36_000
"""The longest that a provider keeps a text waiting."""

# A number that could be anywhere (toll-free, mobile in a wide country) says nothing.
_TELLING = 3


@dataclass(frozen=True, slots=True)
class Windows:
    """Allowed local hours, Monday first; None is a silent day. `holidays`: calendars to keep."""

    days: tuple[Span | None, ...]
    holidays: frozenset[str] = frozenset()

    def on(self, day: date) -> Span | None:
        """The allowed minutes of a local day."""
        if any(day in _holidays(calendar, day.year) for calendar in self.holidays):
            return None
        return self.days[day.weekday()]

    def cut(self, other: "Windows") -> "Windows":
        """What both allow."""
        days = tuple(_overlap(a, b) for a, b in zip(self.days, other.days, strict=True))
        return Windows(days, self.holidays | other.holidays)


ALWAYS = Windows((ALL_DAY,) * 7)


@lru_cache(maxsize=4096)
def windows_for(
    channel: ConsentChannel, country: str | None, region: str | None, on: date
) -> Windows:
    """The hours that law and habit leave, as of `on`. A region not known: its strictest."""
    wanted = _short(country, region)
    windows = ALWAYS
    for rule in HOURS_RULES:
        here = rule.country in {None, country} and (rule.region in {None, wanted} or wanted is None)
        begun = rule.valid_from is None or rule.valid_from <= on
        if here and begun and channel in rule.channels:
            windows = windows.cut(_as_windows(rule))
    return windows


def country_of(country: str | None, phone: str | None) -> str | None:
    """The person's country, else their number's."""
    return country or _phone(phone)[0]


def zones_for(
    country: str | None, region: str | None, phone: str | None, store_timezone: str
) -> tuple[str, ...]:
    """Every zone the person may be in: by address, else by number, else the store's own.

    An address with a region is believed. Without one, all of the country counts, and so does the
    area of the number: area codes lie, but a night text is worse than a late one.
    """
    place = country_of(country, phone)
    if place is None:
        return (store_timezone,)
    by_region = REGION_ZONES.get(place, {})
    wanted = _short(place, region)
    if wanted is not None and (wanted in by_region or REST in by_region):
        return by_region.get(wanted) or by_region[REST]
    phone_country, phone_zones = _phone(phone)
    own = phone_zones if phone_country == place and len(phone_zones) <= _TELLING else ()
    found = dict.fromkeys((*(MAIN_ZONES.get(place) or _zones_of(place)), *own))
    return tuple(found) or (store_timezone,)


def is_allowed(moment: datetime, zones: Iterable[str], windows: Windows) -> bool:
    """Whether `moment` is inside the hours in every zone."""
    return all(_inside(moment.astimezone(_zone(name)), windows) for name in zones)


def next_allowed(moment: datetime, zones: tuple[str, ...], windows: Windows) -> datetime | None:
    """The first moment, from `moment` on, that every zone allows; None when there is none in
    HORIZON, as with zones on opposite sides of the earth."""
    at = moment
    while not is_allowed(at, zones, windows):
        at = min(_next_change(at, _zone(name), windows) for name in zones)
        if at - moment > HORIZON:
            return None
    return at


def seconds_until_quiet(moment: datetime, zones: tuple[str, ...], windows: Windows) -> int:
    """How long a text may still wait at the provider: whole seconds, at most what one can ask for.

    0 when it is quiet already.
    """
    at = moment
    most = moment + timedelta(seconds=MOST_VALID_SECONDS)
    while at < most and is_allowed(at, zones, windows):
        at = min(_next_change(at, _zone(name), windows) for name in zones)
    return int((min(at, most) - moment).total_seconds())


def _inside(local: datetime, windows: Windows) -> bool:
    span = windows.on(local.date())
    return span is not None and span[0] <= local.hour * 60 + local.minute < span[1]


def _next_change(at: datetime, zone: ZoneInfo, windows: Windows) -> datetime:
    """The next instant at which a window may open or close in `zone`, or its clock changes."""
    local = at.astimezone(zone)
    wall = local.replace(tzinfo=None)
    midnight = datetime.combine(wall.date(), time())
    edges = [midnight + timedelta(minutes=edge) for edge in windows.on(wall.date()) or ()]
    ahead = min(edge for edge in (*edges, midnight + timedelta(days=1)) if edge > wall)
    then = at.astimezone(UTC) + (ahead - wall)
    if then.astimezone(zone).utcoffset() == local.utcoffset():
        return then
    return _clock_change(at.astimezone(UTC), then, zone)


def _clock_change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """The instant, to the second, at which the offset of `before` ends."""
    offset = before.astimezone(zone).utcoffset()
    start = before.replace(microsecond=0)
    low, high = 0, int((after - start).total_seconds()) + 1
    while high - low > 1:
        middle = (low + high) // 2
        same = (start + timedelta(seconds=middle)).astimezone(zone).utcoffset() == offset
        low, high = (middle, high) if same else (low, middle)
    return start + timedelta(seconds=high)


def _as_windows(rule: HoursRule) -> Windows:
    days = (*(rule.weekdays,) * 5, rule.saturday, rule.sunday)
    kept = frozenset() if rule.holidays or rule.country is None else frozenset({rule.country})
    return Windows(days, kept)


def _overlap(a: Span | None, b: Span | None) -> Span | None:
    if a is None or b is None:
        return None
    start, end = max(a[0], b[0]), min(a[1], b[1])
    return (start, end) if start < end else None


def _short(country: str | None, region: str | None) -> str | None:
    """A region's code without its country: "US-NY" and "ny" are "NY"."""
    code = (region or "").strip().upper()
    return code.removeprefix(f"{country}-") or None


@lru_cache(maxsize=4096)
def _phone(phone: str | None) -> tuple[str | None, tuple[str, ...]]:
    """The country and the zones of a number, as far as it tells any."""
    try:
        number = phonenumbers.parse(phone or "")
    except phonenumbers.NumberParseException:
        return None, ()
    zones = tuple(zone for zone in time_zones_for_number(number) if zone != "Etc/Unknown")
    return phonenumbers.region_code_for_number(number), zones


@lru_cache(maxsize=1)
def _zone_table() -> dict[str, tuple[str, ...]]:
    """Each country's zones, from the tz database's own table."""
    text = (resources.files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country] = (*found.get(country, ()), zone)
    return found


def _zones_of(country: str) -> tuple[str, ...]:
    return _zone_table().get(country, ())


@lru_cache(maxsize=1024)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=64)
def _holidays(calendar: str, year: int) -> frozenset[date]:
    rules = HOLIDAYS[calendar]
    easter = _easter(year)
    days = {date(year, month, day) for month, day in rules.fixed}
    days |= {easter + timedelta(days=after) for after in rules.easter}
    return frozenset(days | {_nth(year, *rule) for rule in rules.nth})


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    """The n-th such weekday of a month; -1 is the last."""
    first = date(year, month, 1) if n > 0 else date(year, month + 1, 1)
    ahead = (weekday - first.weekday()) % 7
    return first + timedelta(days=ahead + 7 * (n - 1 if n > 0 else n))


def _easter(year: int) -> date:
    """Western Easter Sunday, by Butcher's rule (Jones 1922)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    x = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * x) // 451
    month, day = divmod(h + x - 7 * m + 114, 31)
    return date(year, month, day + 1)
