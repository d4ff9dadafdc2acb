"""Histories of a small shop: two to four people who change and share e-mails, numbers and carts.

A history is what the shop's clock would tell in order; facts of one moment are wanted, because
shops write several states within one second.
"""

from datetime import timedelta

from hypothesis import strategies as st

from app.events import (
    CartSeen,
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerActed,
    CustomerDeleted,
    CustomerFact,
    CustomerSeen,
    OrderDeleted,
    OrderSeen,
    OrderStatus,
    Person,
    ProductDeleted,
    ProductSeen,
    Refund,
    RefundSeen,
)
from tests.integration.customers.people import at, line

_PHONES = ["+393471234567", "+393477654321"]
_LATER = st.sampled_from([0, 0, 1, 7, 45, 100])
_NUMBERS = st.integers(min_value=1, max_value=5)


def _maybe(values: list[str]) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


@st.composite
def persons(draw: st.DrawFn) -> Person:
    """Somebody as one fact names them: with a key, an e-mail, a number, all of them or nothing."""
    who = draw(st.integers(min_value=1, max_value=4))
    emails = [f"p{who}@example.com", f"P{who}+new@example.com"]
    return Person(
        platform_key=draw(_maybe([str(who)])),
        email=draw(_maybe([*emails, "family@example.com"] if who < 3 else emails)),
        phone=draw(_maybe(_PHONES)),
        first_name=draw(_maybe([f"P{who}", "Maria"])),
        country="IT",
    )


_TOKENS = st.lists(
    st.sampled_from([f"t{number}" for number in range(6)]), min_size=1, max_size=2, unique=True
).map(tuple)


@st.composite
def _order(draw: st.DrawFn, minute: int) -> CustomerFact:
    number = draw(_NUMBERS)
    refunds = draw(st.lists(st.integers(1, 3), max_size=2, unique=True))
    return OrderSeen(
        order_key=f"o{number}",
        number=f"#{number}",
        person=draw(persons()),
        status=draw(st.sampled_from(list(OrderStatus))),
        currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
        total_minor=1_000 * number,
        lines=(line("tea"), line(draw(st.sampled_from(["tea", "mint"])))),
        refunds=tuple(_refund(number, key, minute) for key in refunds),
        cart_keys=draw(st.just(()) | _TOKENS),
        # An order is placed once and told of many times.
        placed_at=at(number * 40),
        updated_at=at(max(minute, number * 40)),
        test=draw(st.sampled_from([False, False, False, True])),
    )


def _refund(order: int, key: int, minute: int) -> Refund:
    return Refund(refund_key=f"r{order}-{key}", amount_minor=100 * key, refunded_at=at(minute))


@st.composite
def _cart(draw: st.DrawFn, minute: int) -> CustomerFact:
    return CartSeen(
        cart_keys=draw(_TOKENS),
        person=draw(st.just(Person()) | persons()),
        currency=draw(_maybe(["EUR", "USD"])),
        total_minor=draw(st.sampled_from([0, 500])),
        lines=draw(st.sampled_from([(), (line("tea"),), (line("mint"),)])),
        recovery_url=draw(_maybe(["https://shop.example/a", "https://shop.example/b"])),
        completed=draw(st.sampled_from([False, False, False, True])),
        created_at=draw(st.none() | st.just(at(minute - 3))),
        updated_at=at(minute),
    )


@st.composite
def _customer(draw: st.DrawFn, minute: int) -> CustomerFact:
    person = draw(persons())
    tags = draw(st.sets(st.sampled_from(["vip", "b2b"])))
    created = draw(st.none() | st.just(at(minute) - timedelta(days=2)))
    return CustomerSeen(
        person=person, created_at=created, updated_at=at(minute), tags=tuple(sorted(tags))
    )


@st.composite
def _consent(draw: st.DrawFn, minute: int) -> CustomerFact:
    return ConsentChanged(
        person=draw(persons()),
        channel=draw(st.sampled_from(list(ConsentChannel))),
        state=draw(st.sampled_from(list(ConsentState))),
        source=draw(st.sampled_from(["shopify", "twilio", "import:orders.csv"])),
        updated_at=at(minute),
    )


@st.composite
def _act(draw: st.DrawFn, minute: int) -> CustomerFact:
    name = draw(st.sampled_from(["score_given", "page_viewed", "tag_added", "tag_removed"]))
    values = {"tag": "vip"} if name.startswith("tag") else {"value": draw(_NUMBERS)}
    return CustomerActed(
        event_key=f"{name}-{minute}",
        name=name,
        person=draw(persons()),
        values=values,
        updated_at=at(minute),
    )


@st.composite
def _small(draw: st.DrawFn, minute: int) -> CustomerFact:
    """A refund, a deletion, a product."""
    number, when = draw(_NUMBERS), at(minute)
    refund = _refund(number, draw(st.integers(1, 3)), minute)
    product = ProductSeen(product_key="tea", title=f"Tea {number}", updated_at=when)
    choices: list[CustomerFact] = [
        RefundSeen(order_key=f"o{number}", refund=refund, updated_at=when),
        OrderDeleted(order_key=f"o{number}", updated_at=when),
        CustomerDeleted(platform_key=str(min(number, 4)), updated_at=when),
        product,
        ProductDeleted(product_key="tea", updated_at=when),
    ]
    return draw(st.sampled_from(choices))


@st.composite
def histories(draw: st.DrawFn, longest: int = 25) -> list[CustomerFact]:
    minute, facts = 0, []
    for _ in range(draw(st.integers(min_value=2, max_value=longest))):
        minute += draw(_LATER)
        kind = draw(
            st.sampled_from([_order, _order, _cart, _cart, _customer, _consent, _act, _small])
        )
        facts.append(draw(kind(minute)))
    return facts
