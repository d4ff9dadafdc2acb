"""A shop's front as a shopper uses it, the same for both kinds of shop."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from app import clock
from app.sandbox.shopify import ShopifyWorld
from app.sandbox.shopify.records import Declined
from app.sandbox.shopify.shop import SandboxShop
from app.sandbox.town.people import Resident
from app.sandbox.woocommerce import CouponRefused, Shopper, WooWorld
from app.sandbox.woocommerce import at as back_to

GOODS = (
    ("Magnesium 300", 1890, "Minerals"),
    ("Vitamin C 1000", 1490, "Vitamins"),
    ("Omega-3 gold", 2690, "Oils"),
    ("Collagen powder", 3290, "Beauty"),
    ("Sleep well drops", 1690, "Sleep"),
    ("Turmeric plus", 2190, "Herbs"),
    ("Probiotic 30", 2490, "Gut"),
    ("Green tea extract", 1290, "Herbs"),
)


@dataclass(slots=True)
class Visit:
    """A cart a person began and the shop's own handle on it."""

    who: Resident
    basket: Sequence[int]
    begun_at: datetime
    handle: Any = None


@dataclass(slots=True)
class Sale:
    """What the shop itself has on record, for checking us against it."""

    emails: frozenset[str]
    at: datetime
    handle: Any = field(repr=False)


class Front(Protocol):
    """What a shopper can do at a shop."""

    name: str
    address: str
    sales: list[Sale]

    def sign_up(self, who: Resident) -> None:
        """Make an account and tick the boxes."""
        ...

    def leave_cart(self, who: Resident, basket: Sequence[int]) -> Visit:
        """Fill a cart, leave an address at the checkout and go away."""
        ...

    def buy(self, visit: Visit, *, email: str | None = None, code: str | None = None) -> bool:
        """Buy a cart, perhaps with another address; False when the shop refuses the code."""
        ...

    def refund(self, sale: Sale) -> None: ...

    def refuse(self, who: Resident) -> None:
        """They take back, in their account, what they have agreed to."""
        ...

    def remember(self, who: Resident, basket: Sequence[int], at: datetime) -> None:
        """A sale of before we came: only a backfill will ever tell of it."""
        ...

    def pump(self) -> int:
        """Deliver the webhooks that wait; returns how many were answered."""
        ...


class ShopifyFront:
    """A Shopify shop of the sandbox."""

    def __init__(self, world: ShopifyWorld, shop: SandboxShop) -> None:
        self.name, self.address = shop.name, "1 Harbour Street, Whitby"
        self.sales: list[Sale] = []
        self._world, self._shop = world, shop
        self._goods = [
            shop.add_product(title, price, kind=kind).key for title, price, kind in GOODS
        ]

    def key_of(self, who: Resident) -> tuple[str, int]:
        """The shop's domain and its own key of somebody who has signed up."""
        customer = self._shop.find_customer(email=who.email)
        assert customer is not None
        return self._shop.domain, customer.key

    def sign_up(self, who: Resident) -> None:
        shop = self._shop
        if shop.find_customer(email=who.email):
            return
        customer = shop.add_customer(
            who.email,
            who.phone,
            first_name=who.first_name,
            last_name=who.last_name,
            locale=who.locale,
            country=who.country,
        )
        for channel, agrees in (("email", who.opts_in_email), ("sms", who.opts_in_sms)):
            if agrees:
                shop.set_consent(customer, channel, "subscribed")

    def leave_cart(self, who: Resident, basket: Sequence[int]) -> Visit:
        cart = self._shop.cart({self._goods[item]: 1 for item in basket})
        customer = self._shop.find_customer(email=who.email)
        self._shop.checkout(cart, customer, email=who.email)
        return Visit(who, basket, clock.now(), cart)

    def buy(self, visit: Visit, *, email: str | None = None, code: str | None = None) -> bool:
        cart, who = visit.handle, visit.who
        details: dict[str, Any] = {"phone": who.phone}
        if email:
            # A guest with a work address: only the cart's token tells that it is the same person.
            details |= {"customer": None, "email": email}
        try:
            order = self._shop.order(cart, code=code, **details)
        except Declined:
            return False
        self.sales.append(Sale(frozenset({who.email, email or who.email}), clock.now(), order))
        return True

    def refund(self, sale: Sale) -> None:
        self._shop.refund(sale.handle)

    def refuse(self, who: Resident) -> None:
        customer = self._shop.find_customer(email=who.email)
        assert customer is not None, "who refuses has signed up"
        for channel in ("email", "sms"):
            self._shop.set_consent(customer, channel, "unsubscribed")

    def remember(self, who: Resident, basket: Sequence[int], at: datetime) -> None:
        self.sign_up(who)
        customer = self._shop.find_customer(email=who.email)
        lines = {self._goods[item]: 1 for item in basket}
        order = self._shop.order(lines=lines, customer=customer, phone=who.phone, at=at)
        self.sales.append(Sale(frozenset({who.email}), at, order))

    def pump(self) -> int:
        return len(self._world.pump())


class WooFront:
    """A WooCommerce shop of the sandbox, with the companion plugin."""

    def __init__(self, world: WooWorld) -> None:
        self.name, self.address = world.site.settings.title, "Via delle Erbe 4, Bergamo"
        self.sales: list[Sale] = []
        self._world = world
        self._accounts: dict[str, int] = {}
        self._goods = [
            world.add_product(title, f"{price / 100:.2f}", category=kind).id
            for title, price, kind in GOODS
        ]

    def sign_up(self, who: Resident) -> None:
        if who.email in self._accounts:
            return
        boxes = {"email": who.opts_in_email, "sms": who.opts_in_sms}
        consents = {name: "subscribed" for name, agrees in boxes.items() if agrees}
        shopper = self._shopper(who, consents=consents)
        self._accounts[who.email] = self._world.add_customer(shopper).id

    def leave_cart(self, who: Resident, basket: Sequence[int]) -> Visit:
        visit = Visit(who, basket, clock.now())
        visit.handle = f"s{len(self.sales)}-{who.email}-{int(visit.begun_at.timestamp())}"
        self._world.cart_snapshot(self._shopper(who, session=visit.handle), self._lines(basket))
        return visit

    def buy(self, visit: Visit, *, email: str | None = None, code: str | None = None) -> bool:
        shopper = self._shopper(visit.who, session=visit.handle, email=email)
        try:
            order = self._world.place_order(shopper, self._lines(visit.basket), coupon=code)
        except CouponRefused:
            return False
        emails = frozenset({visit.who.email, email or visit.who.email})
        self.sales.append(Sale(emails, clock.now(), order))
        return True

    def refund(self, sale: Sale) -> None:
        self._world.refund(sale.handle)

    def refuse(self, who: Resident) -> None:
        customer = self._world.site.customers[self._accounts[who.email]]
        for channel in ("email", "sms"):
            self._world.set_consent(customer, channel, "unsubscribed")

    def remember(self, who: Resident, basket: Sequence[int], at: datetime) -> None:
        with back_to(at):
            self.sign_up(who)
            order = self._world.place_order(self._shopper(who), self._lines(basket))
        self.sales.append(Sale(frozenset({who.email}), at, order))

    def pump(self) -> int:
        return len(self._world.pump())

    def _lines(self, basket: Sequence[int]) -> dict[int, int]:
        return {self._goods[item]: 1 for item in basket}

    def _shopper(
        self,
        who: Resident,
        *,
        session: str = "",
        email: str | None = None,
        consents: dict[str, str] | None = None,
    ) -> Shopper:
        return Shopper(
            email=email or who.email,
            first_name=who.first_name,
            last_name=who.last_name,
            phone=who.phone,
            country=who.country,
            customer_id=0 if email else self._accounts.get(who.email, 0),
            session=session,
            consents=consents or {},
        )


def bought_since(front: Front, address: str, since: datetime, until: datetime) -> bool:
    """Whether the shop sold to this person in between, whatever address they used."""
    return any(address in sale.emails and since < sale.at < until for sale in front.sales)
