"""How values look on a page: words, money, moments, addresses of assets. Templates know no other.

Times are shown where the shop is, because a merchant asks what happened at their nine o'clock.
"""

from datetime import date, datetime, timedelta
from functools import cache
from math import inf
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal, format_percent
from flask import Flask, g, has_request_context, request, url_for
from flask_wtf.csrf import generate_csrf
from markupsafe import Markup

from app import clock, money
from app.models import Notice
from app.stores.notices import shown
from app.web.places import PLACES, second_row
from app.web.request import config
from app.web.words import language, say, way_in, word_in

_STATIC = Path(__file__).resolve().parent / "static"


def install_filters(app: Flask) -> None:
    """Give every template the few functions it may call."""
    app.jinja_env.filters.update(
        money=_money,
        moment=moment,
        day=_day,
        month=month,
        ago=ago,
        number=_number,
        percent=_percent,
        whole_percent=_whole_percent,
        decimal=_decimal,
        tongue=_tongue,
        way=way,
    )
    app.jinja_env.globals.update(
        t=t,
        word=word,
        notice_words=notice_words,
        language=language,
        asset=_asset,
        csrf_field=_csrf_field,
        places=PLACES,
        second_row=second_row,
        shopify_api_key=lambda: config().shopify_api_key,
    )
    app.url_defaults(_stay_embedded)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def t(key: str, **values: object) -> str:
    """Our sentence of this key in the reader's language."""
    return say(key, language(), **values)


def word(group: str, value: str) -> str:
    """The word for a value of ours in the reader's language."""
    return word_in(group, value, language())


def way(name: str) -> str:
    """A way of a trial in the reader's language, where its name is ours."""
    return way_in(name, language())


def notice_words(notice: Notice) -> str:
    """What a notice says in the reader's language."""
    return shown(notice, language())


def moment(at: datetime | None) -> str:
    """A day and a time in the shop's zone."""
    if at is None:
        return ""
    zone = ZoneInfo(g.store.timezone) if g.get("store") else ZoneInfo("UTC")
    return format_datetime(at.astimezone(zone), "d MMM y, HH:mm", locale=_locale())


def month(name: str) -> str:
    """A month that is named as `2026-03`."""
    return format_date(date.fromisoformat(f"{name}-01"), "MMM y", locale=_locale())


def _day(at: date | str) -> str:
    """A day, or the day of a moment that was kept as JSON."""
    if isinstance(at, str):
        at = datetime.fromisoformat(at).astimezone(ZoneInfo(g.store.timezone)).date()
    return format_date(at, "d MMM y", locale=_locale())


def ago(at: datetime | None) -> str:
    if at is None:
        return ""
    # What is of this very moment would be "in 0 seconds".
    past = min(at - clock.now(), timedelta(seconds=-1))
    return format_timedelta(past, add_direction=True, locale=_locale())


def length(time: timedelta) -> str:
    """A time in the largest of days, hours and minutes of which it is whole ones."""
    unit: Literal["day", "hour", "minute"] = "minute"
    if time % timedelta(hours=1) == timedelta():
        unit = "hour" if time % timedelta(days=1) else "day"
    return format_timedelta(time, unit, threshold=inf, locale=_locale())


def _money(minor: int | None, currency: str | None = None) -> str:
    if minor is None:
        return ""
    return money.format_money(minor, currency or g.store.currency, language())


def _number(value: float) -> str:
    return format_decimal(value, locale=_locale())


def _percent(share: float) -> str:
    return format_percent(share, "#,##0.#\u00a0%", locale=_locale())


def _whole_percent(share: float) -> str:
    return format_percent(share, "#,##0\u00a0%", locale=_locale())


def _decimal(value: float, places: int) -> str:
    return format_decimal(value, f"#,##0.{'0' * places}", locale=_locale())


def _tongue(locale: str) -> str:
    """A language by its name; what Babel does not know stays as it is."""
    try:
        return Locale.parse(locale, sep="-").get_display_name(_locale()) or locale
    except (UnknownLocaleError, ValueError):
        return locale


def _locale() -> str:
    return language().replace("-", "_")


def _csrf_field() -> Markup:
    """The hidden field of a form. A frame in the admin has a token instead, and keeps no cookie."""
    if g.get("is_embedded"):
        return Markup()
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _stay_embedded(endpoint: str, values: dict[str, Any]) -> None:
    """Addresses inside the admin say so: opened anew, they arrive without a token."""
    if has_request_context() and g.get("is_embedded") and endpoint != "static":
        values.setdefault("embedded", "1")
        values.setdefault("shop", g.store.domain)
        if "host" in request.args:
            values.setdefault("host", request.args["host"])


def _asset(name: str) -> str:
    """A file of ours under an address that changes with it, so that browsers may keep it."""
    return url_for("static", filename=name, v=_version(name))


@cache
def _version(name: str) -> str:
    path = _STATIC / name
    return str(int(path.stat().st_mtime)) if path.exists() else "0"
