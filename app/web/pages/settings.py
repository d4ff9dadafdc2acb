"""What a merchant can choose, as a form. Every field says what it does and what is wrong in it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from babel.numbers import get_decimal_symbol
from email_validator import EmailNotValidError, validate_email
from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from app import clock, customers, money
from app.errors import InvalidInput
from app.law import Purpose
from app.models import Store
from app.stores.settings import LeadRules, StandingBounds, StoreSettings, read_settings
from app.web.access import guard, store_session
from app.web.shown import t
from app.web.words import language

PROMOTING = [p.value for p in Purpose if p not in (Purpose.CONFIRMATION, Purpose.SERVICE)]
"""What an opt-in's wording can name: the rest needs none."""

settings = Blueprint("settings", __name__, url_prefix="/settings")
guard(settings)


@dataclass(frozen=True, slots=True)
class Field:
    """One setting. `path` is where it stands in StoreSettings, with dots."""

    path: str
    kind: str


SECTIONS: dict[str, tuple[Field, ...]] = {
    "sender": (
        Field("sender_name", "text"),
        Field("postal_address", "text"),
        Field("support_url", "url"),
    ),
    "notices": (Field("notify_email", "email"),),
    "carts": (Field("cart_idle_minutes", "number"), Field("cart_expires_days", "number")),
    "timing": (Field("quiet_hours.opens", "time"), Field("quiet_hours.closes", "time")),
    "caps": (
        Field("caps.email_per_day", "number"),
        Field("caps.email_per_week", "number"),
        Field("caps.sms_per_day", "number"),
        Field("caps.sms_per_week", "number"),
        Field("caps.sms_per_month", "number"),
        Field("caps.whatsapp_per_day", "number"),
        Field("caps.promotional_per_day", "number"),
    ),
    "offers": (
        Field("offers.month_minor", "money"),
        Field("offers.assumed_order_minor", "money"),
    ),
    "credit": (
        Field("credit.email_days", "number"),
        Field("credit.sms_days", "number"),
        Field("credit.whatsapp_days", "number"),
    ),
    "acquisition": (Field("acquisition_cost_minor", "money"),),
    "standing": (
        Field("standing.recency_days", "bounds"),
        Field("standing.orders", "bounds"),
        Field("standing.money_days", "number"),
        Field("standing.silent_days", "bounds"),
        Field("standing.silent_by_rhythm", "yes"),
    ),
    "lead": (
        Field("lead.cap", "number"),
        Field("lead.companies", "yes"),
        Field("lead.decision_maker_tag", "text"),
        Field("lead.company_size_tag", "text"),
        Field("lead.industry_tag", "text"),
    ),
    "care": (
        Field("low_score", "number"),
        Field("sends_when_shop_is_unreachable", "yes"),
        Field("refusal_offered_at_checkout", "yes"),
        Field("confirmed_opt_in_where_expected", "yes"),
        Field("forget_people_after_months", "months"),
    ),
    "texts": (
        Field("sms_consent_names", "purposes"),
        Field("sms_segments_per_second", "decimal"),
        Field("low_balance", "decimal"),
        Field("sms_price_minor", "pairs"),
        Field("whatsapp_templates", "pairs"),
    ),
}
_MAY_BE_EMPTY = {"offers.month_minor", "acquisition_cost_minor"}
"""No limit, and nobody has said."""
_FIELDS = [field for fields in SECTIONS.values() for field in fields]


@settings.get("")
def page() -> ResponseReturnValue:
    with store_session() as (_, store):
        shown = _shown(read_settings(store.settings), store)
        return _render(store, shown, {}), 200


@settings.post("")
def save() -> ResponseReturnValue:
    """Keep everything or nothing."""
    with store_session() as (session, store):
        session.refresh(store, with_for_update={"key_share": True})
        values, problems = _read(store)
        before = _chosen(store)
        if not problems:
            problems = _checked(store, values)
        if _chosen(store) != before:
            customers.ask_for_a_walk(session, clock.now())
        if problems:
            return _render(store, request.form, problems), 422
    return redirect(url_for("settings.page", saved=1))


def _checked(store: Store, values: dict[str, Any]) -> dict[str, str]:
    """Problems by field; none means that the row has the new settings."""
    known = read_settings(store.settings).model_dump()
    try:
        chosen = StoreSettings.model_validate(_merged(known, values))
    except ValidationError as error:
        return {_path_of(one["loc"]): _said(one) for one in error.errors()}
    store.settings = chosen.model_dump(mode="json", exclude_defaults=True)
    return {}


def _chosen(store: Store) -> tuple[StandingBounds, LeadRules, int]:
    """By what everybody is looked at."""
    found = read_settings(store.settings)
    return found.standing, found.lead, found.low_score


def _path_of(place: tuple[int | str, ...]) -> str:
    """The field this belongs to: a pair is a line of one, a rule of hours is about its end."""
    path = ".".join(map(str, place))
    shown = (f.path for f in _FIELDS if f"{path}.".startswith(f"{f.path}."))
    return next(shown, "quiet_hours.closes" if path == "quiet_hours" else path)


_LIMITS = {"ge": "too_small", "le": "too_big", "gt": "not_more", "max_length": "too_long"}
_NO_NUMBER = ("int", "float", "decimal", "finite")
_OF_A_FIELD = {"quiet_hours": "not_a_window", "sms_price_minor": "not_a_price"}


def _said(problem: ErrorDetails) -> str:
    """In the reader's language, whatever the check itself says."""
    limits = problem.get("ctx", {})
    for limit, key in _LIMITS.items():
        if limit in limits:
            return t(f"settings.{key}", limit=limits[limit])
    if problem["type"].startswith(_NO_NUMBER):
        return t("settings.not_a_number")
    return t(f"settings.{_OF_A_FIELD.get(str(problem['loc'][0]), 'not_possible')}")


def _merged(known: dict[str, Any], values: dict[str, Any]) -> dict[str, Any]:
    """What the form does not show stays as it is."""
    merged = dict(known)
    for path, value in values.items():
        first, _, rest = path.partition(".")
        merged[first] = {**merged[first], rest: value} if rest else value
    return merged


def _read(store: Store) -> tuple[dict[str, Any], dict[str, str]]:
    """The form's values as settings want them, and what could not be read."""
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for field in _FIELDS:
        try:
            values[field.path] = _value(field, request.form.get(field.path, "").strip(), store)
        except InvalidInput as error:
            problems[field.path] = error.problem
    return values, problems


def _value(field: Field, text: str, store: Store) -> Any:
    match field.kind:
        case "yes":
            return text == "yes"
        case "money":
            return _minor(field, text, store.currency)
        case "time":
            return _time(field, text)
        case "pairs" | "purposes" | "bounds":
            return _LISTS[field.kind](field, text)
        case "email":
            return _address(field, text, store)
        case "url" if text and not text.startswith("https://"):
            raise InvalidInput(field.path, t("settings.not_a_url"))
    return text


def _minor(field: Field, text: str, currency: str) -> int | None:
    if not text and field.path in _MAY_BE_EMPTY:
        return None
    try:
        amount = money.minor_units(text.replace(",", "."), currency)
    except ValueError:
        raise InvalidInput(field.path, t("settings.not_money")) from None
    if amount < 0:
        raise InvalidInput(field.path, t("settings.not_money"))
    return amount


def _time(field: Field, text: str) -> str:
    hours, colon, minutes = text.partition(":")
    sound = colon and len(text) == 5 and hours.isdecimal() and minutes.isdecimal()
    if not sound or int(hours) > 23 or int(minutes) > 59:
        raise InvalidInput(field.path, t("settings.not_a_time"))
    return text


def _address(field: Field, text: str, store: Store) -> str | None:
    """What is as the shop has it goes on following the shop."""
    if text == (store.contact_email or ""):
        return None
    try:
        return validate_email(text, check_deliverability=False).normalized if text else ""
    except EmailNotValidError:
        raise InvalidInput(field.path, t("settings.not_an_address")) from None


def _purposes(field: Field, text: str) -> list[Purpose]:
    try:
        return [Purpose(word.lower()) for word in text.replace(",", " ").split()]
    except ValueError:
        words = ", ".join(PROMOTING)
        raise InvalidInput(field.path, t("settings.not_a_purpose", words=words)) from None


def _pairs(field: Field, text: str) -> dict[str, str]:
    """One `name = value` a line."""
    pairs = {}
    for line in text.splitlines():
        name, equals, value = (part.strip() for part in line.partition("="))
        if not line.strip():
            continue
        if not equals or not name or not value:
            raise InvalidInput(field.path, t("settings.not_a_pair", line=line.strip()))
        pairs[name] = value
    return pairs


def _bounds(field: Field, text: str) -> list[int]:
    """Numbers that rise, as many as there are by default."""
    words = text.replace(",", " ").split()
    usual = getattr(StandingBounds(), field.path.rpartition(".")[2])
    numbers = [int(word) for word in words if word.isascii() and word.isdecimal()]
    if len(numbers) != len(words) or len(numbers) != len(usual) or not _rise(numbers):
        example = ", ".join(map(str, usual))
        problem = t("settings.not_bounds", count=len(usual), example=example)
        raise InvalidInput(field.path, problem)
    return numbers


def _rise(numbers: Sequence[int]) -> bool:
    return all(first < second for first, second in pairwise(numbers)) and numbers[0] > 0


_LISTS: dict[str, Callable[[Field, str], Any]] = {
    "pairs": _pairs,
    "purposes": _purposes,
    "bounds": _bounds,
}


def _shown(chosen: StoreSettings, store: Store) -> dict[str, str]:
    """Every field as its input shows it."""
    shown = {}
    for field in _FIELDS:
        value: Any = chosen
        for part in field.path.split("."):
            value = getattr(value, part)
        if field.kind == "money":
            value = "" if value is None else _written(money.major_units(value, store.currency))
        elif field.kind == "pairs":
            value = "\n".join(f"{name} = {content}" for name, content in value.items())
        elif field.kind == "email":
            value = (store.contact_email or "") if value is None else value
        elif field.kind in ("purposes", "bounds"):
            value = ", ".join(map(str, value))
        elif field.kind == "yes":
            value = "yes" if value else ""
        elif field.kind == "months":
            value = "" if value is None else value
        shown[field.path] = str(value)
    return shown


def _written(amount: str) -> str:
    """With the mark that the reader puts before the decimals."""
    return amount.replace(".", get_decimal_symbol(language().replace("-", "_")))


def _render(store: Store, shown: Any, problems: dict[str, str]) -> str:
    return render_template(
        "pages/settings.html",
        store=store,
        sections=SECTIONS,
        shown=shown,
        problems=problems,
        saved="saved" in request.args,
    )
