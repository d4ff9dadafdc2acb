"""The live half of the truth check: has this person ordered since? Asked before every commercial
message, so it costs one small request per identity, and it must never count a draft."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from app import clock
from app.errors import AccessLost, Unreachable
from app.events import OrderSeen, Person
from app.platforms import Found, Question
from app.platforms.woocommerce.carts import cart_keys as cart_keys_of
from app.platforms.woocommerce.client import Client, Value
from app.platforms.woocommerce.orders import (
    DRAFT,
    EMPTY_FORM,
    EXACT,
    FIELDS,
    is_open_cart,
    order_seen,
)
from app.platforms.woocommerce.payload import Body, inner, key, moment, text
from app.platforms.woocommerce.people import email

_DRAFT_KEY = "order:"
_SESSION_KEY = "session:"
_MOST = 100
_MOST_PAGES = 10


def find_orders(client: Client, question: Question) -> Found:
    """Orders by account, e-mail, phone, or grown from one of these carts; each once."""
    found: dict[str, OrderSeen] = {}
    cart_keys = question.cart_keys
    try:
        for person in question.people:
            told = _orders(client, person, cart_keys, question.since)
            found |= {order.order_key: order for order in told}
            cart_keys = ()  # The other addresses need no second look at the same carts.
    except (Unreachable, AccessLost) as error:
        return error
    return list(found.values())


def _orders(
    client: Client, person: Person, cart_keys: Sequence[str], since: datetime
) -> list[OrderSeen]:
    """What the shop tells of one address.

    A cart that was left at the payment page is an unpaid order itself. It is no reason to leave
    that cart alone, so it is told only when it is asked for as something else.
    """
    found = {key(row, "id"): row for row in _rows(client, person, cart_keys, since)}
    return [
        order_seen(row, clock.now())
        for order_key, row in found.items()
        if text(row, "status") not in {DRAFT, EMPTY_FORM}
        and not (is_open_cart(row) and f"{_DRAFT_KEY}{order_key}" in cart_keys)
    ]


def _rows(
    client: Client, person: Person, cart_keys: Sequence[str], since: datetime
) -> Iterator[Body]:
    drafts = [k.removeprefix(_DRAFT_KEY) for k in cart_keys if k.startswith(_DRAFT_KEY)]
    if drafts:
        # Whatever its date: an order keeps the date of the draft that it was.
        # https://github.com/woocommerce/woocommerce-blocks/issues/2489
        yield from client.get(
            "orders", include=drafts, per_page=_MOST, dp=EXACT, _fields=FIELDS
        ).body
    sessions = {k for k in cart_keys if k.startswith(_SESSION_KEY)}
    if sessions:
        # Orders cannot be asked for by their meta data. The newest reach back far enough for what
        # no webhook has told yet, and a cart's order may carry an address we have never seen.
        for row in _recent(client, since):
            if sessions & set(cart_keys_of(row)):
                yield row
    if person.platform_key:
        yield from _recent(client, since, customer=person.platform_key)
    if person.email:
        address = person.email.lower()
        for row in _recent(client, since, search=address):
            if email(inner(row, "billing")) == address:
                yield row
    digits = _digits(person.phone)
    if len(digits) == 8:
        # Shops keep the number as it was typed, with any spaces; its last digits stand together.
        for row in _recent(client, since, search=digits[-4:]):
            if _digits(text(inner(row, "billing"), "phone")) == digits:
                yield row


def _recent(client: Client, since: datetime, **who: Value) -> Iterator[Body]:
    """Orders placed or paid since. Asked by date of change, which neither can come after."""
    before = since.astimezone(UTC) - timedelta(seconds=1)
    for row in _pages(client, modified_after=before.strftime("%Y-%m-%dT%H:%M:%S"), **who):
        moments = (moment(row, "date_created_gmt"), moment(row, "date_paid_gmt"))
        if any(at is not None and at >= since.replace(microsecond=0) for at in moments):
            yield row


def _pages(client: Client, **limits: Value) -> Iterator[Body]:
    """Every row while pages are full. Not having looked at all of them is not an answer."""
    for page in range(1, _MOST_PAGES + 1):
        rows = client.get(
            "orders",
            **limits,
            dates_are_gmt=True,
            page=page,
            per_page=_MOST,
            dp=EXACT,
            _fields=FIELDS,
        ).body
        yield from rows
        if len(rows) < _MOST:
            return
    raise Unreachable(f"The shop has more than {_MOST * _MOST_PAGES} orders to look through.")


def _digits(phone: str | None) -> str:
    """The last eight digits: what is left when the country's prefix is written or not."""
    return "".join(c for c in phone or "" if c.isdecimal())[-8:]
