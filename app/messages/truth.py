"""The local half of the truth check: may this message go, now, to this person?

Pure: facts and a clock in, a verdict with the values compared out. Legal refusals come first, then
business refusals, then timing; the same function judges a claim and, again, the moment of the call.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from app.customers.snapshot import OrderNow, Snapshot
from app.law import Ruling
from app.messages import caps, timing
from app.messages.facts import Facts
from app.messages.lawful import cart_of, ruling
from app.messages.verdict import Go, Hold, Move, Verdict
from app.models import FlowStatus, JourneyStatus, StoreStatus
from app.reasons import Reason

ENDED_BY_A_PURCHASE = frozenset({"cart", "welcome", "nurture", "win_back", "re_engagement"})
"""Purposes whose message is wrong, and whose journey is over, once the person has bought (C20)."""

LOOK_AGAIN = timedelta(minutes=15)


def check(facts: Facts, now: datetime) -> Verdict:
    """The first refusal, or the go-ahead with its legal basis."""
    for question in _REFUSALS:
        refusal = question(facts, now)
        if refusal is not None:
            return refusal
    person = facts.snapshot
    assert person is not None  # _gone has refused.
    basis = ruling(facts, person, now)
    if isinstance(basis, Hold):
        return basis
    for question in _REFUSED_BY_BUSINESS:
        refusal = question(facts, now)
        if refusal is not None:
            return _before_the_deadline(facts, refusal)
    return _in_time(facts, person, basis, now)


def bought_since(facts: Facts) -> datetime:
    """From when on an order makes this message wrong.

    That is the event that began the journey and, for a cart, its last change: the order's webhook
    may come hours after both, and must not leave a reminder standing.
    """
    moments = [facts.journey.entered_at]
    began = facts.journey.context.get("began_at")
    if began:
        moments.append(datetime.fromisoformat(began))
    cart = facts.snapshot and cart_of(facts, facts.snapshot)
    if cart:
        moments.append(cart.changed_at)
    return min(moments)


def _gone(facts: Facts, now: datetime) -> Hold | None:
    if facts.store.status != StoreStatus.ACTIVE:
        return Hold(reason=Reason.STORE_GONE, exits=True)
    if facts.snapshot is None or facts.snapshot.erased:
        return Hold(reason=Reason.PERSON_ERASED, exits=True)
    return None


def _ended(facts: Facts, now: datetime) -> Hold | None:
    """A journey that was left ends its messages; one that ran to its end still sends the last."""
    journey = facts.journey
    if journey.arm == "holdout":
        return Hold(reason=Reason.HOLDOUT)
    if journey.status != JourneyStatus.EXITED:
        return None
    reason = journey.end_reason or Reason.EXIT_CONDITION
    known = reason in Reason.__members__.values()
    ended_at = journey.ended_at and journey.ended_at.isoformat()
    return Hold(
        reason=Reason(reason) if known else Reason.EXITED_BY_STEP, compared={"ended_at": ended_at}
    )


def _address(facts: Facts, now: datetime) -> Hold | None:
    person = facts.snapshot
    assert person is not None
    channel = facts.message.channel
    if address_of(person, channel) is None:
        return Hold(reason=Reason.NO_ADDRESS)
    because = person.suppressed.get(channel)
    return (because and Hold(reason=Reason.SUPPRESSED, compared={"because": because})) or None


def _ordered(facts: Facts, now: datetime) -> Hold | None:
    person = facts.snapshot
    assert person is not None
    if facts.message.purpose not in ENDED_BY_A_PURCHASE:
        return None
    since = bought_since(facts)
    order = next((o for o in person.orders if _ends(o, since, facts, person)), None)
    if order is None:
        return None
    return Hold(
        reason=Reason.ALREADY_ORDERED,
        compared={"order": order.number, "placed_at": order.placed_at.isoformat()},
        exits=True,
    )


def _ends(order: OrderNow, since: datetime, facts: Facts, person: Snapshot) -> bool:
    if order.order_key == facts.message.context.get("order_key"):
        return False  # The purchase that began this journey.
    cart = cart_of(facts, person)
    same_cart = cart is not None and bool(set(cart.keys) & set(order.cart_keys))
    return order.placed_at > since or same_cart


def _cart(facts: Facts, now: datetime) -> Hold | Move | None:
    person = facts.snapshot
    assert person is not None
    if facts.message.purpose != "cart" or facts.cart_id is None:
        return None
    cart = cart_of(facts, person)
    if cart is None or not cart.lines:
        return Hold(reason=Reason.CART_GONE, compared={"cart_id": facts.cart_id}, exits=True)
    idle = timedelta(minutes=facts.settings.cart_idle_minutes)
    left_at = cart.changed_at + idle
    if cart.status == "active" and cart.changed_at > facts.journey.entered_at and now < left_at:
        # The shopper is back at the cart: it is reminded of when they have left it again.
        compared = {"changed_at": cart.changed_at.isoformat()}
        return Move(reason=Reason.CART_CHANGED, until=left_at, compared=compared)
    return None


def _own_order(facts: Facts, now: datetime) -> Hold | None:
    """The last message of a journey that has run its course hears of a cancellation only here."""
    person, order_key = facts.snapshot, facts.message.context.get("order_key")
    assert person is not None
    if order_key is None or person.still_bought(order_key):
        return None
    return Hold(reason=Reason.ORDER_CANCELLED, compared={"order_key": order_key}, exits=True)


def _on_hold(facts: Facts, now: datetime) -> Hold | None:
    person = facts.snapshot
    assert person is not None
    if facts.message.commercial and person.holds_promotions:
        return Hold(reason=Reason.PROMOTIONS_ON_HOLD, compared={"open_task": True})
    return None


def _offer(facts: Facts, now: datetime) -> Hold | Move | None:
    """Never show a code the shop has not, or not any more."""
    name = facts.message.context.get("offer")
    if not name:
        return None
    offer = facts.offer
    if offer is None or offer.status == "refused":
        reason = (offer and offer.reason) or Reason.OFFER_REFUSED
        return Hold(reason=Reason(reason), compared={"offer": name})
    if offer.status == "wanted":
        return Move(reason=Reason.WAITING_FOR_OFFER, until=now + timedelta(minutes=1))
    if offer.status != "live" or offer.expires_at <= now:
        compared = {"offer": name, "status": offer.status}
        return Hold(reason=Reason.OFFER_EXPIRED, compared=compared)
    return None


def _paused(facts: Facts, now: datetime) -> Move | None:
    if facts.flow.status == FlowStatus.PAUSED:
        return Move(reason=Reason.FLOW_PAUSED, until=now + LOOK_AGAIN)
    return None


def _in_time(facts: Facts, person: Snapshot, basis: Ruling, now: datetime) -> Verdict:
    message, deadline = facts.message, facts.message.deadline_at
    if deadline is not None and now > deadline:
        return _too_late(facts, message.reason, now)
    later = _paused(facts, now) or _capped(facts, now) or timing.quiet(facts, person, now)
    if later is None:
        return Go(
            basis=basis.basis,
            valid_for_seconds=timing.valid_for(facts, person, now),
            compared={"basis": basis.basis, "law": basis.reason},
        )
    return _before_the_deadline(facts, later)


def _before_the_deadline(facts: Facts, verdict: Hold | Move) -> Hold | Move:
    """A message that cannot go in time is not moved any further."""
    deadline = facts.message.deadline_at
    if isinstance(verdict, Hold) or deadline is None or verdict.until <= deadline:
        return verdict
    return _too_late(facts, verdict.reason, verdict.until)


def _capped(facts: Facts, now: datetime) -> Move | None:
    full = caps.first_full_cap(
        facts.settings.caps, facts.message.channel, facts.message.commercial, facts.asked, now
    )
    if full is None:
        return None
    return Move(
        reason=Reason.FREQUENCY_CAP,
        until=full.until,
        compared={"cap": full.cap, "limit": full.limit, "sent": full.sent},
    )


def _too_late(facts: Facts, because: str | None, until: datetime) -> Hold:
    deadline = facts.message.deadline_at
    return Hold(
        reason=Reason.DEADLINE_PASSED,
        compared={
            "deadline": deadline and deadline.isoformat(),
            "possible_at": until.isoformat(),
            "moved_for": because,
        },
    )


def address_of(person: Snapshot, channel: str) -> str | None:
    return person.email if channel == "email" else person.phone


_Question = Callable[[Facts, datetime], Hold | Move | None]
_REFUSALS: tuple[_Question, ...] = (_gone, _ended, _address)
_REFUSED_BY_BUSINESS: tuple[_Question, ...] = (_ordered, _cart, _own_order, _on_hold, _offer)
