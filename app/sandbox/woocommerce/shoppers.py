"""What shoppers and staff do to a shop. Each deed changes the records and queues the webhooks that
the real shop was seen to send, in the order it was seen to send them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from secrets import token_hex

from app.sandbox.woocommerce import bodies, coupons
from app.sandbox.woocommerce.state import Customer, Item, Order, Product, Refund, Site, now

Basket = Mapping[int, int]
"""How many of which product."""

_DRAFT_LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shopper:
    """Somebody at the checkout. `session` is the cart's, `utm` how they came, `consents` the boxes
    they tick; a guest has no `customer_id`."""

    email: str = ""
    first_name: str = ""
    last_name: str = ""
    phone: str = ""
    country: str = ""
    customer_id: int = 0
    session: str = ""
    utm: Mapping[str, str] = field(default_factory=dict)
    consents: Mapping[str, str] = field(default_factory=dict)


def add_product(site: Site, name: str, price: str, stock: int, category: str) -> Product:
    product = Product(
        id=site.next_id(),
        name=name,
        price=Decimal(price),
        stock=stock,
        category=category,
        created=now(),
        modified=now(),
    )
    site.products[product.id] = product
    site.emit("product.created", product.id)
    return product


def add_customer(site: Site, shopper: Shopper) -> Customer:
    customer = Customer(
        id=site.next_id(),
        email=shopper.email,
        first_name=shopper.first_name,
        last_name=shopper.last_name,
        phone=shopper.phone,
        country=shopper.country,
        meta=_consent_meta(shopper),
        created=now(),
        modified=now(),
    )
    site.customers[customer.id] = customer
    site.emit("customer.created", customer.id)
    site.emit("customer.updated", customer.id)
    return customer


def cart_snapshot(site: Site, shopper: Shopper, basket: Basket) -> None:
    """Our companion plugin tells the whole cart; it is frozen now, not read at delivery."""
    items = [_snapshot_item(site, number, quantity) for number, quantity in basket.items()]
    total = sum((Decimal(str(item["total"])) for item in items), Decimal(0))
    cart = {
        "session": shopper.session,
        "email": shopper.email,
        "phone": shopper.phone,
        "user": shopper.customer_id,
        "currency": site.settings.currency,
        "total": f"{total:.{site.settings.decimals}f}",
        "items": items,
        "checkout_url": f"{site.url}/checkout/",
        "updated_gmt": now().strftime("%Y-%m-%dT%H:%M:%S"),
    }
    body = bodies.write({"action": "wc_comeback_cart", "arg": cart})
    site.emit("action.wc_comeback_cart", 0, body)


def _snapshot_item(site: Site, product_id: int, quantity: int) -> dict[str, object]:
    product = site.products[product_id]
    return {
        "key": f"{product_id:032x}",
        "product_id": product_id,
        "variation_id": 0,
        "name": product.name,
        "quantity": quantity,
        "total": f"{product.price * quantity:.{site.settings.decimals}f}",
        "url": bodies.product_url(site, product),
    }


def draft(site: Site, shopper: Shopper, basket: Basket) -> Order:
    """The block checkout is opened: an order that is none yet, told as updated only."""
    order = _new_order(site, shopper, basket, created_via="store-api")
    site.emit("order.updated", order.id)
    return order


def place_order(
    site: Site, shopper: Shopper, basket: Basket, coupon: str | None, drafted: Order | None
) -> Order:
    """Classic: created, then updated. From a draft: the same id, updated before created."""
    discount = coupons.check(site, coupon, shopper.email) if coupon else None
    order = drafted or _new_order(site, shopper, basket, created_via="checkout")
    order.items = _items(site, basket)
    order.billing, order.meta = _billing(shopper), _order_meta(shopper)
    if discount is not None:
        coupons.use(site, discount, order)
    order.status = "pending"
    order.modified = now()
    for topic in sorted(("order.created", "order.updated"), reverse=drafted is not None):
        site.emit(topic, order.id)
    return order


def pay(site: Site, order: Order) -> None:
    """The money arrived, and managed stock is counted down."""
    order.paid = now()
    set_status(site, order, "processing")
    if site.settings.manages_stock:
        for item in order.items:
            item.product.stock -= item.quantity
            item.product.modified = now()
            site.emit("product.updated", item.product.id)


def set_status(site: Site, order: Order, status: str) -> None:
    order.status = status
    order.modified = now()
    site.emit("order.updated", order.id)


def refund(site: Site, order: Order, amount: str | None) -> Refund:
    """All that is left unless an amount is given. Only a full refund changes the status."""
    given = sum((r.amount for r in order.refunds), Decimal(0))
    entry = Refund(id=site.next_id(), amount=Decimal(amount) if amount else order.total - given)
    order.refunds.append(entry)
    is_full = given + entry.amount >= order.total
    set_status(site, order, "refunded" if is_full else order.status)
    return entry


def trash(site: Site, order: Order) -> None:
    order.status_before_trash, order.status = order.status, "trash"
    order.modified = now()
    site.emit("order.deleted", order.id)


def restore(site: Site, order: Order) -> None:
    order.status = order.status_before_trash
    order.modified = now()
    site.emit("order.restored", order.id)


def set_consent(site: Site, customer: Customer, channel: str, state: str) -> None:
    customer.meta[f"_comeback_consent_{channel}"] = f"{state} {now().isoformat()}"
    customer.modified = now()
    site.emit("customer.updated", customer.id)


def delete_customer(site: Site, customer: Customer) -> None:
    """The account goes; the orders stay, as a guest's."""
    del site.customers[customer.id]
    for order in site.orders.values():
        if order.customer_id == customer.id:
            order.customer_id = 0
    site.emit("customer.deleted", customer.id)


def expire_drafts(site: Site) -> None:
    """The daily job. It sends nothing."""
    for order in list(site.orders.values()):
        if order.status == "checkout-draft" and now() - order.modified >= _DRAFT_LIFE:
            del site.orders[order.id]


def _new_order(site: Site, shopper: Shopper, basket: Basket, created_via: str) -> Order:
    order = Order(
        id=site.next_id(),
        status="checkout-draft",
        created_via=created_via,
        order_key=f"wc_order_{token_hex(7)}",
        customer_id=shopper.customer_id,
        billing=_billing(shopper),
        items=_items(site, basket),
        meta={"_comeback_session": shopper.session} if shopper.session else {},
        created=now(),
        modified=now(),
    )
    site.orders[order.id] = order
    return order


def _items(site: Site, basket: Basket) -> list[Item]:
    return [
        Item(
            id=site.next_id(),
            product=site.products[product_id],
            quantity=quantity,
            subtotal=site.products[product_id].price * quantity,
            total=site.products[product_id].price * quantity,
        )
        for product_id, quantity in basket.items()
    ]


def _billing(shopper: Shopper) -> dict[str, str]:
    return {
        "first_name": shopper.first_name,
        "last_name": shopper.last_name,
        "email": shopper.email,
        "phone": shopper.phone,
        "country": shopper.country,
        "state": "",
    }


def _order_meta(shopper: Shopper) -> dict[str, str]:
    meta = {f"_wc_order_attribution_{name}": value for name, value in shopper.utm.items()}
    if shopper.session:
        meta["_comeback_session"] = shopper.session
    return meta | _consent_meta(shopper)


def _consent_meta(shopper: Shopper) -> dict[str, str]:
    return {
        f"_comeback_consent_{channel}": f"{state} {now().isoformat()}"
        for channel, state in shopper.consents.items()
    }
