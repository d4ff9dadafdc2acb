"""Why a message to a person is lawful, or that it is not. Pure: facts in, a ruling out.

Never decides whether a message is wanted or timely, and never turns "not known" into "allowed".
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import phonenumbers

from app.events import ConsentChannel, ConsentState
from app.law_data import (
    CART_TEXT_RULES,
    CONFIRMED_RULES,
    SOFT_RULES,
    WHATSAPP_BLOCKS,
    CartTextRule,
    ConfirmedRule,
    Purpose,
    Reason,
    SoftRule,
)

__all__ = [
    "Basis",
    "CartText",
    "Contact",
    "Purpose",
    "Reason",
    "Ruling",
    "double_opt_in_rule",
    "legal_basis",
    "sms_cart_allowed",
    "whatsapp_marketing_allowed",
]


class Basis(StrEnum):
    OPT_IN = "opt_in"
    SOFT_OPT_IN = "soft_opt_in"
    TRANSACTIONAL = "transactional"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """One person, one channel, one purpose, and what the ledger and the orders say about them.

    `purposes`: what the opt-in named; None when it named none. `confirmed`: the address itself has
    confirmed the opt-in; `asks_confirmation`: the shop wants that where it is expected.
    `paid_order_at`: the latest order that was paid. `similar`: the message shows what resembles
    that order. `refusal_offered`: the address was collected with a way to refuse. `inquiry_at`: the
    person last asked about buying; a cart is weak evidence of that.
    """

    country: str | None
    channel: ConsentChannel
    purpose: Purpose
    consent: ConsentState | None = None
    purposes: frozenset[Purpose] | None = None
    confirmed: bool = False
    asks_confirmation: bool = True
    paid_order_at: datetime | None = None
    similar: bool = False
    refusal_offered: bool = False
    inquiry_at: datetime | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A basis with its reason; `source` is the rule it rests on, where one was used."""

    basis: Basis
    reason: Reason
    source: str | None = None

    @property
    def allowed(self) -> bool:
        return self.basis is not Basis.NONE


@dataclass(frozen=True, slots=True)
class CartText:
    """Whether a text about a cart may go, and until when. No `until`: no such limit."""

    allowed: bool
    reason: Reason
    until: datetime | None = None


def legal_basis(contact: Contact, at: datetime) -> Ruling:
    """The basis for this message at `at`, or NONE with the reason against it."""
    if contact.purpose in (Purpose.CONFIRMATION, Purpose.SERVICE):
        return _service(contact)
    if contact.consent is ConsentState.UNSUBSCRIBED:
        return _no(Reason.OPTED_OUT)
    if contact.channel is ConsentChannel.WHATSAPP and not whatsapp_marketing_allowed(
        contact.phone, at
    ):
        return _no(Reason.WHATSAPP_BLOCKED_HERE)
    return _marketing(contact, at)


def sms_cart_allowed(
    country: str | None, phone: str | None, abandoned_at: datetime, at: datetime, sent_before: int
) -> CartText:
    """Whether carriers let one more text about this cart through at `at`."""
    rule = _cart_rule(country, phone, at)
    if rule is None:
        return CartText(True, Reason.NO_CARRIER_RULE)
    until = abandoned_at + timedelta(hours=rule.hours)
    if sent_before >= rule.most:
        return CartText(False, Reason.CART_TEXT_SENT, until)
    if at > until:
        return CartText(False, Reason.CART_TOO_OLD, until)
    return CartText(True, Reason.WITHIN_CARRIER_RULE, until)


def whatsapp_marketing_allowed(phone: str | None, at: datetime) -> bool:
    """Whether Meta delivers marketing to this number at all; not to one that is not known."""
    if not phone:
        return False
    begun = (block for block in WHATSAPP_BLOCKS if block.valid_from <= at.date())
    return not any(phone.startswith(block.prefix) for block in begun)


def double_opt_in_rule(country: str | None, at: datetime) -> ConfirmedRule | None:
    """What makes a single tick too weak a proof there, if anything does.

    A country that is not known is none of them. There nothing but an opt-in counts already, and
    asking for its confirmation would silence the subscribers of every shop that never learns where
    people live, for the sake of a practice of two countries; a shop that sits in one of the two
    stands in for what is not known of its people (`messages.lawful`).
    """
    begun = [r for r in CONFIRMED_RULES if country in r.countries and r.valid_from <= at.date()]
    return max(begun, key=lambda rule: rule.valid_from, default=None)


def _service(contact: Contact) -> Ruling:
    """An order's own messages. An opt-out ends all but the e-mail that confirms the order; WhatsApp
    takes nothing without an opt-in."""
    confirms = contact.purpose is Purpose.CONFIRMATION
    if confirms and contact.channel is ConsentChannel.EMAIL:
        return Ruling(Basis.TRANSACTIONAL, Reason.SERVICE_MESSAGE)
    if contact.consent is ConsentState.UNSUBSCRIBED:
        return _no(Reason.OPTED_OUT)
    opted_in = contact.consent is ConsentState.SUBSCRIBED
    if contact.channel is ConsentChannel.WHATSAPP and not opted_in:
        return _no(Reason.WHATSAPP_NEEDS_OPT_IN)
    return Ruling(Basis.TRANSACTIONAL, Reason.SERVICE_MESSAGE)


def _marketing(contact: Contact, at: datetime) -> Ruling:
    """An opt-in that covers this, else a buyer's e-mail, else why not."""
    against = _against_opt_in(contact, at)
    if against is None:
        return Ruling(Basis.OPT_IN, Reason.OPTED_IN)
    if contact.channel is not ConsentChannel.EMAIL:
        return against
    soft = _soft(contact, at)
    told_no = contact.consent is ConsentState.SUBSCRIBED and not soft.allowed
    return against if told_no else soft


def _against_opt_in(contact: Contact, at: datetime) -> Ruling | None:
    """What keeps this person's opt-in from carrying the message; None when it does."""
    if contact.consent is not ConsentState.SUBSCRIBED:
        needed = {
            ConsentChannel.SMS: Reason.TEXT_NEEDS_OPT_IN,
            ConsentChannel.WHATSAPP: Reason.WHATSAPP_NEEDS_OPT_IN,
        }.get(contact.channel, Reason.OPT_IN_NEEDED)
        return _no(needed)
    expected = double_opt_in_rule(contact.country, at)
    if expected and contact.asks_confirmation and not contact.confirmed:
        return _no(Reason.NOT_CONFIRMED, expected)
    reason = _outside_opt_in(contact, at)
    return None if reason is None else _no(reason)


def _outside_opt_in(contact: Contact, at: datetime) -> Reason | None:
    """Why the wording that was agreed to does not cover this message; None when it does."""
    if contact.purposes is not None and contact.purpose not in contact.purposes:
        return Reason.OTHER_PURPOSE
    if contact.channel is ConsentChannel.SMS and contact.purpose is Purpose.CART:
        rule = _cart_rule(contact.country, contact.phone, at)
        # A shop's own "SMS: yes" is no proof that the wording named cart reminders.
        if rule is not None and rule.consent_names_carts and contact.purposes is None:
            return Reason.CART_NOT_NAMED
    return None


def _soft(contact: Contact, at: datetime) -> Ruling:
    """E-mail without an opt-in: what the country's newest rule lets through."""
    rule = _soft_rule(contact.country, at)
    if rule is None:
        return _no(Reason.OPT_IN_NEEDED)
    if contact.purpose not in rule.purposes:
        return _no(Reason.OPT_IN_NEEDED, rule)
    ruling = _related(contact, rule, at)
    if not ruling.allowed:
        return ruling
    if rule.similar_only and not contact.similar:
        return _no(Reason.NOT_SIMILAR, rule)
    if rule.refusal_offered_only and not contact.refusal_offered:
        return _no(Reason.REFUSAL_NOT_OFFERED, rule)
    return ruling


def _related(contact: Contact, rule: SoftRule, at: datetime) -> Ruling:
    """Whether a sale, or a question where that counts, is recent enough."""
    if not rule.needs_relation:
        return Ruling(Basis.SOFT_OPT_IN, Reason.OPT_OUT_COUNTRY, rule.source)
    if _recent(contact.paid_order_at, rule.sale_months, at):
        return Ruling(Basis.SOFT_OPT_IN, Reason.AFTER_SALE, rule.source)
    if _recent(contact.inquiry_at, rule.inquiry_months, at):
        return Ruling(Basis.SOFT_OPT_IN, Reason.AFTER_INQUIRY, rule.source)
    known = contact.paid_order_at or (contact.inquiry_at if rule.inquiry_months != 0 else None)
    return _no(Reason.RELATION_TOO_OLD if known else Reason.NO_PAID_ORDER, rule)


def _recent(since: datetime | None, months: int | None, at: datetime) -> bool:
    if since is None or since > at or months == 0:
        return False
    return months is None or at < _months_later(since, months)


def _months_later(since: datetime, months: int) -> datetime:
    """The same day of a later month, or its last day."""
    year, month = divmod(since.year * 12 + since.month - 1 + months, 12)
    day = min(since.day, monthrange(year, month + 1)[1])
    return since.replace(year=year, month=month + 1, day=day)


def _soft_rule(country: str | None, at: datetime) -> SoftRule | None:
    begun = [r for r in SOFT_RULES if country in r.countries and r.valid_from <= at.date()]
    return max(begun, key=lambda rule: rule.valid_from, default=None)


def _cart_rule(country: str | None, phone: str | None, at: datetime) -> CartTextRule | None:
    """A carrier's rule follows the number, so the number's country counts beside the person's."""
    places = {country, _region(phone)}
    begun = [r for r in CART_TEXT_RULES if places & r.countries and r.valid_from <= at.date()]
    return max(begun, key=lambda rule: rule.valid_from, default=None)


def _region(phone: str | None) -> str | None:
    try:
        return phonenumbers.region_code_for_number(phonenumbers.parse(phone or ""))
    except phonenumbers.NumberParseException:
        return None


def _no(reason: Reason, rule: SoftRule | ConfirmedRule | None = None) -> Ruling:
    return Ruling(Basis.NONE, reason, rule.source if rule else None)
