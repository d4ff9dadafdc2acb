"""Putting a message's facts before the law: which basis it has, or why it has none.

Pure. It only translates between a message and `app.law`; it must never soften a ruling.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app import law
from app.customers.snapshot import CartNow, OrderNow, Snapshot
from app.events import ConsentChannel, ConsentState
from app.messages.facts import Facts
from app.messages.verdict import Hold
from app.models import Message
from app.reasons import Reason

CONFIRMATION = "confirmation"
"""The message that confirms the order which began its journey, by its name in the flow's file."""

_PURPOSES = {
    "cart": law.Purpose.CART,
    "upsell": law.Purpose.UPSELL,
    "post_sale": law.Purpose.UPSELL,
    "win_back": law.Purpose.WIN_BACK,
    "re_engagement": law.Purpose.WIN_BACK,
    "referral": law.Purpose.REFERRAL,
}
"""A flow's purpose as the law knows it; what is not here promotes."""

_REASONS = {
    law.Reason.OPTED_OUT: Reason.OPTED_OUT,
    law.Reason.OPT_IN_NEEDED: Reason.NO_CONSENT,
    law.Reason.TEXT_NEEDS_OPT_IN: Reason.NO_CONSENT,
    law.Reason.WHATSAPP_NEEDS_OPT_IN: Reason.NO_CONSENT,
    law.Reason.NOT_CONFIRMED: Reason.OPT_IN_NOT_CONFIRMED,
    law.Reason.OTHER_PURPOSE: Reason.NO_CONSENT,
    law.Reason.CART_NOT_NAMED: Reason.NO_CONSENT,
    law.Reason.WHATSAPP_BLOCKED_HERE: Reason.COUNTRY_FORBIDS,
    law.Reason.CART_TEXT_SENT: Reason.ONE_TEXT_PER_CART,
    law.Reason.CART_TOO_OLD: Reason.CART_TEXT_TOO_LATE,
}


def ruling(facts: Facts, snapshot: Snapshot, now: datetime) -> law.Ruling | Hold:
    """The basis of this message, or the hold with the law's own reason beside ours."""
    contact = _contact(facts, snapshot)
    found = law.legal_basis(contact, now)
    if not found.allowed:
        compared = {**_shown(contact), "law": found.reason, "source": found.source}
        return Hold(
            reason=_REASONS.get(found.reason, Reason.NO_LEGAL_BASIS),
            compared={name: value for name, value in compared.items() if value is not None},
        )
    return _against_carriers(facts, snapshot, now) or found


def _against_carriers(facts: Facts, snapshot: Snapshot, now: datetime) -> Hold | None:
    if facts.message.channel != "sms" or facts.message.purpose != "cart":
        return None
    cart = cart_of(facts, snapshot)
    abandoned_at = (cart and cart.abandoned_at) or facts.journey.entered_at
    sent_before = facts.asked.texts_for_cart(facts.cart_id) if facts.cart_id else 0
    answer = law.sms_cart_allowed(snapshot.country, snapshot.phone, abandoned_at, now, sent_before)
    if answer.allowed:
        return None
    return Hold(
        reason=_REASONS[answer.reason],
        compared={
            "texts_before": sent_before,
            "abandoned_at": abandoned_at.isoformat(),
            "allowed_until": answer.until and answer.until.isoformat(),
        },
    )


def _contact(facts: Facts, snapshot: Snapshot) -> law.Contact:
    choice = snapshot.consent.get(facts.message.channel)
    cart = cart_of(facts, snapshot)
    return law.Contact(
        country=snapshot.country or facts.store.country,
        channel=ConsentChannel(facts.message.channel),
        purpose=purpose_of(facts.message),
        consent=None if choice is None else ConsentState(choice.state),
        purposes=facts.named_purposes,
        confirmed=choice is not None and choice.confirmed,
        asks_confirmation=facts.settings.confirmed_opt_in_where_expected,
        paid_order_at=snapshot.orders[0].placed_at if snapshot.orders else None,
        similar=_is_similar(facts, cart, snapshot.orders),
        refusal_offered=facts.settings.refusal_offered_at_checkout,
        inquiry_at=None if cart is None else cart.changed_at,
        phone=snapshot.phone,
    )


def purpose_of(message: Message) -> law.Purpose:
    if message.commercial:
        return _PURPOSES.get(message.purpose, law.Purpose.PROMOTION)
    confirms = message.name == CONFIRMATION and "order_key" in message.context
    return law.Purpose.CONFIRMATION if confirms else law.Purpose.SERVICE


def cart_of(facts: Facts, snapshot: Snapshot) -> CartNow | None:
    """The open cart this message is about."""
    return next((cart for cart in snapshot.carts if str(cart.cart_id) == facts.cart_id), None)


def _is_similar(facts: Facts, cart: CartNow | None, orders: tuple[OrderNow, ...]) -> bool:
    """Whether the message shows what resembles a purchase.

    Upsells and win-backs start from what was bought. A cart counts when it shares a product or a
    category with an order; a shop that gives no categories proves nothing.
    """
    if cart is None:
        return True
    bought = {key for order in orders for key in order.product_keys}
    wanted = {str(line.get("product_key")) for line in cart.lines}
    if bought & wanted:
        return True
    return bool(_categories(facts.categories, bought) & _categories(facts.categories, wanted))


def _categories(known: Mapping[str, frozenset[str]], products: set[str]) -> set[str]:
    return {name for product in products for name in known.get(product, frozenset())}


def _shown(contact: law.Contact) -> dict[str, Any]:
    return {
        "country": contact.country,
        "purpose": contact.purpose,
        "consent": contact.consent,
        "paid_order_at": contact.paid_order_at and contact.paid_order_at.isoformat(),
    }
