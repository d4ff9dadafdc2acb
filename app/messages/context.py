"""What a message's copy may say: the variables, ready to be shown in the recipient's language.

Pure. Must never hand out a value that is not fit for a customer's eyes: money and dates are
formatted, names are checked, titles are plain text. `variables.py` is the
merchant's list of them.
"""

import html
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import nh3
from babel.dates import format_skeleton
from babel.numbers import format_percent

from app.customers.snapshot import CartNow, OrderNow, Snapshot
from app.messages.products import NOTHING, Listed, ProductShown, Recommendations
from app.messages.words import formats_of, say
from app.money import format_money

MOST_LINES = 8
"""More products than this in one message help nobody."""

_NAME = re.compile(r"[^\W\d_][^\d_@/:<>{}\[\]\\|$%&*+=!?;\"]{0,39}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreShown:
    name: str
    url: str
    postal_address: str = ""
    support_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferShown:
    """A code as the copy shows it. Neither `percent` nor `amount_minor`: free shipping."""

    code: str
    percent: int | None
    amount_minor: int | None
    currency: str
    expires_at: datetime


def _unchanged(target: str) -> str:
    return target


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Everything about a message that is not the person. `targets`: link names to addresses.

    `shorten` is asked only for links the copy shows. `basis` is the legal one, for the footer.
    """

    store: StoreShown
    locale: str
    zone: ZoneInfo
    targets: Mapping[str, str]
    basis: str = "opt_in"
    offer: OfferShown | None = None
    recommendations: Recommendations = NOTHING
    shorten: Callable[[str], str] = field(default=_unchanged)


def build_context(
    snapshot: Snapshot, journey: Mapping[str, Any], around: Surroundings
) -> dict[str, Any]:
    """The variables for one message. What a person or a step lacks is absent, and using it in copy
    is an error, except the first name, which is empty."""
    name = shown_name(snapshot.first_name)
    cart, order = _cart(snapshot, journey), _order(snapshot, journey)
    targets = _targets(around, cart)
    context: dict[str, Any] = {
        "greeting": _greeting(name, around.locale),
        "customer": {"first_name": name},
        "store": {
            "name": plain(around.store.name),
            "url": around.store.url,
            "postal_address": plain(around.store.postal_address),
        },
        "links": Links(targets, around.shorten),
        "recommendations": _recommended(around),
        "why": _why(snapshot, around),
    }
    if cart is not None:
        context["cart"] = _cart_shown(cart, targets["cart"], around)
    if order is not None:
        context["order"] = _order_shown(order, around.locale)
    if around.offer is not None:
        context["offer"] = _offer_shown(around.offer, around, snapshot.taken_at)
    return context


_NOT_SHORTENED = ("unsubscribe", "share")
"""A way out must work without our link table; a friend's click is not the customer's."""


class Links(Mapping[str, str]):
    """Link names to addresses, each made short only when it is asked for."""

    def __init__(self, targets: Mapping[str, str], shorten: Callable[[str], str]) -> None:
        self._targets = targets
        self._shorten = shorten

    def __getitem__(self, name: str) -> str:
        target = self._targets[name]
        return target if name in _NOT_SHORTENED else self._shorten(target)

    def __iter__(self) -> Iterator[str]:
        return iter(self._targets)

    def __len__(self) -> int:
        return len(self._targets)


class _Shown(Mapping[str, Any]):
    """A cart or a product whose `url` is made short only when it is shown."""

    def __init__(self, values: Mapping[str, Any], shorten: Callable[[str], str]) -> None:
        self._values = values
        self._shorten = shorten

    def __getitem__(self, name: str) -> Any:
        value = self._values[name]
        return self._shorten(value) if name == "url" and value else value

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def shown_name(name: str | None) -> str:
    """`name` if it can stand in a greeting. Sign-up forms are full of `http://...` and `x1234`."""
    cleaned = " ".join(plain(name or "").split())
    if not _NAME.fullmatch(cleaned) or "www." in cleaned.lower():
        return ""
    return cleaned.title() if cleaned.isupper() or cleaned.islower() else cleaned


def plain(text: str) -> str:
    """`text` without markup: WooCommerce gives titles as HTML."""
    return html.unescape(nh3.clean(text, tags=set())).strip()


def safe_url(url: object) -> str:
    """`url` if it is one a mail may show, else nothing: a title's image may come from anywhere."""
    text = str(url or "").strip()
    return text if text.startswith(("https://", "http://")) and not re.search(r"\s", text) else ""


def _why(snapshot: Snapshot, around: Surroundings) -> str:
    """Why this person gets this mail; it must be true, also where the law asks for no consent."""
    bought = snapshot.orders_count > 0
    fitting = {"opt_in": True, "soft_opt_in": bought, "transactional": bought}
    word = around.basis if fitting.get(around.basis) else "contact"
    return say(f"why_{word}", around.locale, store=plain(around.store.name))


def _greeting(name: str, locale: str) -> str:
    return say("greeting_named", locale, name=name) if name else say("greeting", locale)


def _targets(around: Surroundings, cart: CartNow | None) -> dict[str, str]:
    """The links that were given, and the shop in place of those that always lead somewhere."""
    shop = around.targets.get("shop") or around.store.url
    targets = {
        "shop": shop,
        "offer": shop,
        "share": shop,
        "support": around.store.support_url or shop,
    }
    if cart is not None:
        targets["cart"] = safe_url(cart.recovery_url) or shop
    return {**targets, **{name: target for name, target in around.targets.items() if target}}


def _cart(snapshot: Snapshot, journey: Mapping[str, Any]) -> CartNow | None:
    wanted = str(journey.get("cart_id"))
    return next((cart for cart in snapshot.carts if str(cart.cart_id) == wanted), None)


def _order(snapshot: Snapshot, journey: Mapping[str, Any]) -> OrderNow | None:
    wanted = journey.get("order_key")
    if wanted is None:
        return snapshot.orders[0] if snapshot.orders else None
    return next((order for order in snapshot.orders if order.order_key == wanted), None)


def _cart_shown(cart: CartNow, target: str, around: Surroundings) -> Mapping[str, Any]:
    lines = [_line(line, cart.currency, around) for line in cart.lines]
    values = {
        "lines": lines[:MOST_LINES],
        "first": lines[0]["title"] if lines else "",
        "count": len(lines),
        "more": max(0, len(lines) - MOST_LINES),
        "total": format_money(cart.total_minor, cart.currency, formats_of(around.locale)),
        "url": target,
    }
    return _Shown(values, around.shorten)


def _line(line: Mapping[str, Any], currency: str, around: Surroundings) -> _Shown:
    values = {
        "title": plain(str(line.get("title") or "")),
        "quantity": int(line.get("quantity") or 1),
        "price": format_money(
            int(line.get("total_minor") or 0), currency, formats_of(around.locale)
        ),
        "url": safe_url(line.get("url")),
        "image_url": safe_url(line.get("image_url")),
    }
    return _Shown(values, around.shorten)


def _product(product: ProductShown, around: Surroundings) -> _Shown:
    price = ""
    if product.price_minor is not None and product.currency:
        price = format_money(product.price_minor, product.currency, formats_of(around.locale))
    values = {
        "title": plain(product.title),
        "quantity": 1,
        "price": price,
        "url": safe_url(product.url),
        "image_url": safe_url(product.image_url),
    }
    return _Shown(values, around.shorten)


def _recommended(around: Surroundings) -> Listed:
    told = around.recommendations
    parts = {"replenish": told.replenish, "discover": told.discover}
    return Listed(
        [_product(product, around) for product in told.together],
        **{name: [_product(p, around) for p in part] for name, part in parts.items()},
    )


def _order_shown(order: OrderNow, locale: str) -> dict[str, Any]:
    titles = [plain(title) for title in order.titles]
    return {
        "number": plain(order.number),
        "first": titles[0] if titles else "",
        "count": len(titles),
        "total": format_money(order.total_minor, order.currency, formats_of(locale)),
        "lines": [{"title": title} for title in titles[:MOST_LINES]],
    }


def _offer_shown(offer: OfferShown, around: Surroundings, now: datetime) -> dict[str, Any]:
    day = last_whole_day(offer.expires_at, around.zone, now)
    locale = formats_of(around.locale)
    return {
        "code": offer.code,
        "percent": "" if offer.percent is None else offer.percent,
        "what": _worth(offer, around.locale),
        "expires_on": format_skeleton("MMMMd", day, locale=locale),
        "expires_short": format_skeleton("MMMd", day, locale=locale),
    }


def _worth(offer: OfferShown, locale: str) -> str:
    if offer.percent is not None:
        return format_percent(offer.percent / 100, locale=formats_of(locale))
    if offer.amount_minor is not None:
        return format_money(offer.amount_minor, offer.currency, formats_of(locale))
    return say("free_shipping", locale)


def last_whole_day(expires_at: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """The last day on which the code works until midnight where the person lives; today, if it
    ends today. "Until 12 March" must be true all through 12 March."""
    last = expires_at.astimezone(zone) + timedelta(minutes=1) - timedelta(days=1)
    today = now.astimezone(zone)
    return last if last.date() > today.date() else today
