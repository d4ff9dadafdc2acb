"""The live half of the truth check: the shop itself is asked for orders by every identity.

No transaction is open during the call. What is found is applied to our state, so that flows,
credit and the next decision know it too. Must never decide to send: it only finds, or does not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from app import clock, customers
from app.customers.changes import Incoming
from app.customers.snapshot import Snapshot
from app.errors import AccessLost, Unreachable
from app.events import Line, OrderSeen, OrderStatus, Person
from app.messages.facts import Facts, Identities
from app.messages.lawful import cart_of
from app.messages.truth import ENDED_BY_A_PURCHASE, bought_since
from app.messages.verdict import Hold, Move
from app.messages.work import Work
from app.models import Store
from app.platforms import Found, Question, Shop
from app.points import Point, pass_point
from app.reasons import Reason
from app.tenancy import store_transaction

SOON = timedelta(seconds=5)
SHOP_AGAIN = timedelta(minutes=10)
_BOUGHT = (OrderStatus.PAID, OrderStatus.PENDING)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the shop told: orders since the journey began, and the link that rebuilds the cart."""

    orders: tuple[OrderSeen, ...] = ()
    cart_link: str | None = None


def look(work: Work, every: Sequence[Facts]) -> list[Looked | Move]:
    """What the shop tells of each, in the order given, what it has told already included. It is
    asked about the commercial ones only, about as many at a time as it takes; the store decides
    what its silence means."""
    asking = [f for f in every if f.message.commercial and f.snapshot is not None]
    size = work.together() if asking else 1
    groups = [asking[start : start + size] for start in range(0, len(asking), size)]
    answers = (one for group in work.at_once(_ask, groups) for one in group)
    found = {f.message.message_id: one for f, one in zip(asking, answers, strict=True)}
    if every and not work.has_heard_all():
        unread = Move(reason=Reason.NOT_READ_YET, until=clock.now() + SOON)
        return [unread for _ in every]
    return [found.get(facts.message.message_id, Looked()) for facts in every]


def _ask(work: Work, group: Sequence[Facts]) -> list[Looked | Move]:
    try:
        shop = work.shop()
    except (Unreachable, AccessLost) as error:
        return [_silence(work, facts, error) for facts in group]
    answers = shop.find_orders([_question(facts) for facts in group])
    return [_heard(work, shop, *pair) for pair in zip(group, answers, strict=True)]


def _heard(work: Work, shop: Shop, facts: Facts, orders: Found) -> Looked | Move:
    if isinstance(orders, (Unreachable, AccessLost)):
        return _silence(work, facts, orders)
    try:
        link = _cart_link(shop, facts)
    except (Unreachable, AccessLost) as error:
        return _silence(work, facts, error)
    if orders:
        _take_over(work, orders)
    return Looked(orders=tuple(orders), cart_link=link)


def _silence(work: Work, facts: Facts, error: Unreachable | AccessLost) -> Looked | Move:
    work.shop_is_down(error)
    if facts.settings.sends_when_shop_is_unreachable:
        return Looked()
    until = clock.now() + max(SHOP_AGAIN, _asked_wait(error))
    return Move(reason=Reason.SHOP_UNREACHABLE, until=until, compared={"problem": str(error)})


def bought(looked: Looked, facts: Facts) -> Hold | None:
    """The hold an order found live means. One that is only placed, not yet paid, holds this
    message and leaves the journey to hear how the payment goes."""
    if facts.message.purpose not in ENDED_BY_A_PURCHASE:
        return None
    own = facts.message.context.get("order_key")
    valid = [
        order
        for order in looked.orders
        if order.status in _BOUGHT and not order.test and order.order_key != own
    ]
    if not valid:
        return None
    order = min(valid, key=lambda found: found.status != OrderStatus.PAID)
    return Hold(
        reason=Reason.ALREADY_ORDERED,
        compared={
            "order": order.number,
            "placed_at": order.placed_at.isoformat(),
            "payment": order.status,
            "found": "live at the shop",
        },
        exits=order.status == OrderStatus.PAID,
    )


def people(person: Snapshot, identities: Identities) -> list[Person]:
    """The person as the shop may know them: as they are now, then each older address alone."""
    now = Person(
        platform_key=person.platform_key,
        email=person.email,
        phone=person.phone,
        country=person.country,
    )
    others = {
        "email": lambda value: Person(email=value),
        "phone": lambda value: Person(phone=value),
        "platform": lambda value: Person(platform_key=value),
    }
    known = {("email", now.email), ("phone", now.phone), ("platform", now.platform_key)}
    older = [
        others[kind](value)
        for kind, value in identities
        if kind in others and (kind, value) not in known
    ]
    return [now, *older]


def _question(facts: Facts) -> Question:
    person = facts.snapshot
    assert person is not None  # Who is not known is not asked about.
    return Question(
        people=people(person, facts.identities),
        cart_keys=_cart_keys(facts, person),
        since=bought_since(facts),
    )


def _cart_keys(facts: Facts, person: Snapshot) -> Sequence[str]:
    known = [value for kind, value in facts.identities if kind == "cart"]
    known += [key for cart in person.carts for key in cart.keys]
    return tuple(dict.fromkeys(known))


def _cart_link(shop: Shop, facts: Facts) -> str | None:
    """A link of the shop's own making, when there is a code to carry or no better one known."""
    assert facts.snapshot is not None
    cart = cart_of(facts, facts.snapshot)
    if cart is None or (cart.recovery_url and facts.offer is None):
        return None
    lines = [
        Line(
            line_key=str(line.get("line_key") or number),
            product_key=line.get("product_key"),
            variant_key=line.get("variant_key"),
            title=str(line.get("title") or ""),
            quantity=int(line.get("quantity") or 1),
            total_minor=int(line.get("total_minor") or 0),
        )
        for number, line in enumerate(cart.lines)
    ]
    return shop.cart_link(lines, facts.offer.code if facts.offer else None)


def _take_over(work: Work, orders: Sequence[OrderSeen]) -> None:
    """Make what the shop told part of our state, as if its webhook had come."""
    incoming = [Incoming(fact=o, source="live_check", live=True) for o in orders]
    with store_transaction(work.store_id) as session:
        changes = customers.apply(session, incoming, clock.now(), keys=work.config.keys)
        store = session.get_one(Store, work.store_id)
        if changes and work.on_changes is not None:
            work.on_changes(session, store, changes)
    pass_point(Point.ORDERS_FOUND)


def _asked_wait(error: Unreachable | AccessLost) -> timedelta:
    return timedelta(seconds=getattr(error, "retry_after", None) or 0)
