"""A sandboxed shop and what people do in it. Every deed is told to the app by webhook."""

import itertools
import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from app import clock
from app.sandbox.shopify import bodies
from app.sandbox.shopify.access import Doorman
from app.sandbox.shopify.deliveries import PostOffice
from app.sandbox.shopify.discounts import DiscountBook
from app.sandbox.shopify.records import (
    Cart,
    Consent,
    Customer,
    Export,
    Item,
    Order,
    Product,
    Refund,
    Segment,
)
from app.sandbox.shopify.telling import Teller

CONSENT_TOPICS = {
    "email": "customers_email_marketing_consent/update",
    "sms": "customers_marketing_consent/update",
    "whatsapp": "customers_whats_app_marketing_consent/update",
}


class SandboxShop(Teller):
    """One shop. `subscriptions` empty means that nobody listens, as before the install."""

    def __init__(
        self, domain: str, currency: str, timezone: str, office: PostOffice, secret: str
    ) -> None:
        super().__init__(domain, office, secret)
        self.currency, self.timezone = currency, timezone
        self.name = domain.partition(".")[0].replace("-", " ").title()
        self.country, self.locale = "US", "en"
        self.customers: dict[int, Customer] = {}
        self._addresses: dict[str, int] = {}
        self.segments: dict[int, Segment] = {}
        self.products: dict[int, Product] = {}
        self.carts: dict[str, Cart] = {}
        self.orders: dict[int, Order] = {}
        self.discounts = DiscountBook()
        self.exports: dict[int, Export] = {}
        self.export_takes = timedelta(0)
        self.search_lags = timedelta(0)
        self.doorman = Doorman(scope="")
        self.installed = False
        self._keys = itertools.count(1_000_001)
        self._numbers = itertools.count(1001)
        self._tokens = random.Random(domain)  # noqa: S311 - the same shop plays the same again.

    def next_key(self) -> int:
        return next(self._keys)

    # People

    def add_customer(
        self, email: str | None = None, phone: str | None = None, **details: Any
    ) -> Customer:
        """A customer record; `details` are fields of `Customer`."""
        now = details.pop("at", None) or clock.now()
        customer = Customer(self.next_key(), now, now, email, phone, **details)
        self.customers[customer.key] = customer
        self._remember(customer)
        self.tell("customers/create", bodies.customer_body(customer, self.currency))
        return customer

    def add_segment(self, name: str, members: Sequence[Customer] = ()) -> Segment:
        segment = Segment(self.next_key(), name, [customer.key for customer in members])
        self.segments[segment.key] = segment
        return segment

    def change_customer(self, customer: Customer, **details: Any) -> None:
        for name, value in details.items():
            setattr(customer, name, value)
        customer.updated_at = clock.now()
        self._remember(customer)
        self.tell("customers/update", bodies.customer_body(customer, self.currency))

    def delete_customer(self, customer: Customer) -> None:
        self.customers.pop(customer.key, None)
        self.tell("customers/delete", {"id": customer.key, "phone": customer.phone})

    def set_consent(
        self,
        customer: Customer,
        channel: str,
        state: str,
        *,
        level: str | None = "SINGLE_OPT_IN",
        at: datetime | None = None,
    ) -> None:
        """`channel` is email, sms or whatsapp; `state` subscribed, pending or unsubscribed."""
        consent = Consent(state.upper(), level, at or clock.now())
        customer.consent[channel] = consent
        customer.updated_at = clock.now()
        self.tell(CONSENT_TOPICS[channel], bodies.consent_body(customer, channel, consent))

    def find_customer(
        self, *, email: str | None = None, phone: str | None = None
    ) -> Customer | None:
        key = self._addresses.get((email or "").lower()) or self._addresses.get(phone or "")
        return self.customers.get(key) if key else None

    def _remember(self, customer: Customer) -> None:
        for value in (customer.email, customer.phone):
            if value:
                self._addresses[value.lower()] = customer.key

    # Goods

    def add_product(
        self, title: str, price_minor: int, *, kind: str = "", stock: int | None = None
    ) -> Product:
        now = clock.now()
        product = Product(self.next_key(), self.next_key(), title, price_minor, now, now)
        product.kind, product.stock = kind, stock
        product.handle = "-".join(title.lower().split())
        self.products[product.key] = product
        self.tell("products/create", bodies.product_body(product, self.currency))
        return product

    def change_product(self, product: Product, **details: Any) -> None:
        for name, value in details.items():
            setattr(product, name, value)
        product.updated_at = clock.now()
        self.tell("products/update", bodies.product_body(product, self.currency))

    # Carts and checkouts

    def cart(self, lines: Mapping[int, int] | Sequence[Product]) -> Cart:
        """Start a cart with products, or with quantities by product key."""
        now = clock.now()
        cart = Cart(f"hWN{self._tokens.getrandbits(80):020x}", now, now)
        cart.items = self._items(lines)
        self.carts[cart.token] = cart
        self.tell("carts/create", bodies.cart_body(cart, self.currency))
        return cart

    def change_cart(self, cart: Cart, lines: Mapping[int, int] | Sequence[Product]) -> None:
        """Replace what is in the cart; nothing empties it."""
        cart.items, cart.updated_at = self._items(lines), clock.now()
        self.tell("carts/update", bodies.cart_body(cart, self.currency))
        if cart.checkout_token:
            self.tell("checkouts/update", self._checkout(cart))

    def checkout(
        self,
        cart: Cart,
        customer: Customer | None = None,
        *,
        email: str | None = None,
        phone: str | None = None,
    ) -> Cart:
        """Go from the cart to the checkout and leave an address, or come back and change it."""
        begun = cart.checkout_token is not None
        cart.customer = customer or cart.customer
        known = cart.customer
        cart.email = email or cart.email or (known.email if known else None)
        cart.phone = phone or cart.phone or (known.phone if known else None)
        cart.updated_at = clock.now()
        if not begun:
            cart.started_at = cart.updated_at
            cart.checkout_token = f"{self._tokens.getrandbits(128):032x}"
        self.tell("checkouts/update" if begun else "checkouts/create", self._checkout(cart))
        return cart

    def delete_checkout(self, cart: Cart) -> None:
        body = {"token": cart.checkout_token, "cart_token": cart.token}
        self.tell("checkouts/delete", body)

    # Orders

    def order(
        self,
        cart: Cart | None = None,
        lines: Mapping[int, int] | Sequence[Product] = (),
        *,
        code: str | None = None,
        **details: Any,
    ) -> Order:
        """Buy what is in `cart`, or `lines`. Raises Declined for a code that does not hold.

        `details` are fields of `Order`, such as customer, email, landing_site, financial_status;
        `at` dates it.
        """
        now = details.pop("at", None) or clock.now()
        items = [Item(self.next_key(), i.product, i.quantity) for i in cart.items] if cart else []
        items = items or self._items(lines)
        if cart:
            known = {"customer": cart.customer, "email": cart.email, "phone": cart.phone}
            tokens = {"cart_token": cart.token, "checkout_token": cart.checkout_token}
            details = known | tokens | details
        self._recognise(details, now)
        if code is not None:
            self.discounts.redeem(code, items, details["customer"])
        total = sum(item.total_minor for item in items)
        order = Order(self.next_key(), next(self._numbers), now, now, items, total, **details)
        order.code = code
        self.orders[order.key] = order
        self._tell_sale(order, cart)
        return order

    def pay(self, order: Order) -> None:
        order.financial_status = "PAID"
        self._touch(order, "orders/paid", "orders/updated")

    def refund(self, order: Order, amount_minor: int | None = None) -> Refund:
        """Give money back; all that is left unless an amount is given."""
        given = sum(refund.amount_minor for refund in order.refunds)
        amount = order.total_minor - given if amount_minor is None else amount_minor
        refund = Refund(self.next_key(), amount, clock.now())
        order.refunds.append(refund)
        whole = given + amount >= order.total_minor
        order.financial_status = "REFUNDED" if whole else "PARTIALLY_REFUNDED"
        self.tell("refunds/create", bodies.refund_body(order, refund, self.currency))
        self._touch(order, "orders/updated")
        return refund

    def cancel(self, order: Order) -> None:
        order.cancelled_at = clock.now()
        order.financial_status = "VOIDED"
        self._touch(order, "orders/cancelled", "orders/updated")

    def delete_order(self, order: Order) -> None:
        self.orders.pop(order.key, None)
        self.tell("orders/delete", {"id": order.key})

    # The law

    def request_data(self, customer: Customer) -> None:
        self.tell("customers/data_request", self._lawful(customer) | self._asked(customer))

    def redact(self, customer: Customer) -> None:
        orders = {"orders_to_redact": self._orders_of(customer)}
        self.tell("customers/redact", self._lawful(customer) | orders)

    def _touch(self, order: Order, *topics: str) -> None:
        order.updated_at = clock.now()
        for topic in topics:
            self.tell(topic, bodies.order_body(order, self.currency))

    def _tell_sale(self, order: Order, cart: Cart | None) -> None:
        body = bodies.order_body(order, self.currency)
        self.tell("orders/create", body)
        if order.financial_status == "PAID":
            self.tell("orders/paid", body)
        if cart and cart.checkout_token:
            cart.completed_at = cart.updated_at = order.created_at
            self.tell("checkouts/update", self._checkout(cart))

    def _recognise(self, details: dict[str, Any], at: datetime) -> None:
        """Shopify keeps a customer record for every buyer who leaves an address."""
        customer, email, phone = (details.get(n) for n in ("customer", "email", "phone"))
        if customer is None and (email or phone):
            customer = self.find_customer(email=email, phone=phone)
            details["customer"] = customer or self.add_customer(email, phone, at=at)
        elif customer is not None:
            details["email"] = email or customer.email
        details.setdefault("customer", None)

    def _items(self, lines: Mapping[int, int] | Sequence[Product]) -> list[Item]:
        if isinstance(lines, Mapping):
            return [Item(self.next_key(), self.products[key], n) for key, n in lines.items()]
        return [Item(self.next_key(), product, 1) for product in lines]

    def _checkout(self, cart: Cart) -> dict[str, Any]:
        return bodies.checkout_body(cart, self.currency, self.domain)

    def _orders_of(self, customer: Customer) -> list[int]:
        return [order.key for order in self.orders.values() if order.customer is customer]

    def _lawful(self, customer: Customer) -> dict[str, Any]:
        person = {"id": customer.key, "email": customer.email, "phone": customer.phone}
        return {"shop_id": 1, "shop_domain": self.domain, "customer": person}

    def _asked(self, customer: Customer) -> dict[str, Any]:
        return {
            "orders_requested": self._orders_of(customer),
            "data_request": {"id": self.next_key()},
        }
