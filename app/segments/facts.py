"""The catalogue of facts: for each a name, a kind, how one person's snapshot gives it, and how
PostgreSQL does. The two must agree; `tests/integration/segments` compares them on random people.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from app.segments import acts, readings, tables
from app.segments.fact import Fact
from app.segments.features import FEATURES
from app.segments.operators import Kind
from app.segments.predicted import PREDICTIONS
from app.segments.purchases import BOUGHT_CATEGORIES, ORDER_PLACED
from app.segments.readings import Getter
from app.segments.standing import STANDING
from app.segments.tables import Column

_CHOICES = ("subscribed", "pending", "unsubscribed")
_FACTS = [
    Fact(
        name="customer.email",
        kind=Kind.TEXT,
        says="The e-mail address.",
        get=readings.customer("email"),
        column=tables.customer("email"),
        personal=True,
    ),
    Fact(
        name="customer.phone",
        kind=Kind.TEXT,
        says="The phone number in international form, like +393331234567.",
        get=readings.customer("phone"),
        column=tables.customer("phone"),
        personal=True,
    ),
    Fact(
        name="customer.first_name",
        kind=Kind.TEXT,
        says="The first name.",
        get=readings.customer("first_name"),
        column=tables.customer("first_name"),
        personal=True,
    ),
    Fact(
        name="customer.locale",
        kind=Kind.TEXT,
        says="The language messages are written in, like it or pt-BR; the store's when unknown.",
        get=readings.customer("locale"),
        column=tables.locale,
    ),
    Fact(
        name="customer.country",
        kind=Kind.TEXT,
        says="The country as two letters (ISO 3166), like IT.",
        get=readings.customer("country"),
        column=tables.customer("country"),
        upper=True,
    ),
    Fact(
        name="customer.region",
        kind=Kind.TEXT,
        says="The state or province as the shop spells it, like CA.",
        get=readings.customer("region"),
        column=tables.customer("region"),
    ),
    Fact(
        name="customer.tags",
        kind=Kind.LIST,
        says="The tags the shop has given.",
        get=readings.customer("tags"),
        overlap=tables.tags,
    ),
    Fact(
        name="customer.orders_count",
        kind=Kind.NUMBER,
        says="How many paid orders; cancelled and test orders do not count.",
        get=readings.customer("orders_count"),
        column=tables.customer("orders_count"),
    ),
    Fact(
        name="customer.spent",
        kind=Kind.MONEY,
        says="Everything paid so far, less refunds, in the store's currency.",
        get=readings.customer("spent_minor"),
        column=tables.customer("spent_minor"),
    ),
    Fact(
        name="customer.first_order",
        kind=Kind.MOMENT,
        says="When the first paid order was placed.",
        get=readings.customer("first_order_at"),
        column=tables.customer("first_order_at"),
    ),
    Fact(
        name="customer.last_order",
        kind=Kind.MOMENT,
        says="When the latest paid order was placed.",
        get=readings.customer("last_order_at"),
        column=tables.customer("last_order_at"),
    ),
    Fact(
        name="customer.last_active",
        kind=Kind.MOMENT,
        says="When they last ordered, changed a cart, clicked or visited.",
        get=readings.customer("last_active_at"),
        column=tables.customer("last_active_at"),
    ),
    Fact(
        name="customer.first_seen",
        kind=Kind.MOMENT,
        says="When the shop first knew them.",
        get=readings.customer("first_seen_at"),
        column=tables.customer("first_seen_at"),
    ),
    Fact(
        name="customer.score",
        kind=Kind.NUMBER,
        says="The latest answer to the 0 to 10 question.",
        get=readings.customer("score"),
        column=tables.customer("score"),
    ),
    Fact(
        name="customer.scored_low",
        kind=Kind.YES_NO,
        says="Whether the latest answer is a low one by the store's own setting.",
        get=readings.scored_low,
        column=tables.scored_low,
    ),
    *STANDING,
    *PREDICTIONS,
    *FEATURES,
    Fact(
        name="channel.sms_connected",
        kind=Kind.YES_NO,
        says="Whether the store has a provider for texts that works.",
        get=readings.connected("sms"),
        column=tables.connected("sms"),
    ),
    Fact(
        name="customer.scored",
        kind=Kind.MOMENT,
        says="When they last answered the 0 to 10 question.",
        get=readings.customer("score_at"),
        column=tables.customer("score_at"),
    ),
    Fact(
        name="customer.promotions_on_hold",
        kind=Kind.YES_NO,
        says="Whether an open task asks that nothing promotional be sent.",
        get=readings.customer("holds_promotions"),
        column=tables.promotions_on_hold,
    ),
    *(
        Fact(
            name=f"consent.{channel}",
            kind=Kind.CHOICE,
            says=f"The latest choice about {wording}; missing when they never chose.",
            get=readings.consent(channel),
            column=tables.consent(channel),
            choices=_CHOICES,
        )
        for channel, wording in (
            ("email", "e-mail"),
            ("sms", "text messages"),
            ("whatsapp", "WhatsApp"),
        )
    ),
    Fact(
        name="cart.status",
        kind=Kind.CHOICE,
        says="Whether the open cart is still in use or was left behind.",
        get=readings.cart(lambda cart: cart.status),
        column=tables.cart("status"),
        choices=("active", "abandoned"),
    ),
    Fact(
        name="cart.total",
        kind=Kind.MONEY,
        says="What the open cart holds; missing when it is not in the store's currency.",
        get=readings.cart_total,
        column=tables.cart_total,
    ),
    Fact(
        name="cart.quantity",
        kind=Kind.NUMBER,
        says="How many pieces are in the open cart.",
        get=readings.cart(readings.cart_quantity),
        column=tables.cart_quantity,
    ),
    Fact(
        name="cart.products",
        kind=Kind.LIST,
        says="The product keys in the open cart.",
        get=readings.cart(readings.cart_products),
        overlap=tables.cart_products,
    ),
    Fact(
        name="cart.started",
        kind=Kind.MOMENT,
        says="When the open cart was begun.",
        get=readings.cart(lambda cart: cart.started_at),
        column=tables.cart("started_at"),
    ),
    Fact(
        name="cart.changed",
        kind=Kind.MOMENT,
        says="When the open cart was last changed.",
        get=readings.cart(lambda cart: cart.changed_at),
        column=tables.cart("changed_at"),
    ),
    Fact(
        name="cart.abandoned",
        kind=Kind.MOMENT,
        says="When the open cart counted as left behind.",
        get=readings.cart(lambda cart: cart.abandoned_at),
        column=tables.cart("abandoned_at"),
    ),
    Fact(
        name="last_order.total",
        kind=Kind.MONEY,
        says="The latest paid order's total; missing when it is not in the store's currency.",
        get=readings.last_order_total,
        column=tables.last_order_total,
    ),
    Fact(
        name="last_order.products",
        kind=Kind.LIST,
        says="The product keys in the latest paid order.",
        get=readings.last_order(lambda order: order.product_keys),
        overlap=tables.last_order_products,
    ),
    Fact(
        name="products.bought",
        kind=Kind.LIST,
        says="The product keys in their latest fifty paid orders.",
        get=readings.bought("product_keys"),
        overlap=tables.products_bought,
    ),
    Fact(
        name="products.bought_titles",
        kind=Kind.LIST,
        says="The product titles, as bought, in their latest fifty paid orders.",
        get=readings.bought("titles"),
        overlap=tables.titles_bought,
    ),
    BOUGHT_CATEGORIES,
]

FACTS: Mapping[str, Fact] = MappingProxyType({fact.name: fact for fact in _FACTS})
"""The facts with a fixed name."""

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "events.": "How often something happened in the last 365 days, like events.link_clicked;"
        " events.order_placed are paid orders, fifty at most.",
        "since_entry.": "Whether it has happened since the person entered the flow;"
        " since_entry.ordered is a paid order. Only inside a flow.",
        "journey.": "A value the event that began it or a step left behind, like journey.value,"
        " a score. Only inside a flow.",
        "can_whatsapp.": "Whether a WhatsApp sender works and the settings name an approved"
        " template for this message of a flow, in the person's language or for all, like"
        " can_whatsapp.low-score.survey.",
        "segment.": "Whether the person is in the segment of this short name, like"
        " segment.champions.",
        "shop_segment.": "Whether the person was in this segment of the shop's own when it was last"
        " read, by the shop's key, like shop_segment.500123.",
    }
)
"""Facts whose last word is the name of an event, of a value, of a message or of a segment."""

SLUG = re.compile(r"(?=.{1,60}$)[a-z0-9]+(?:[-_][a-z0-9]+)*")
"""The short name of a segment."""
_LAST_WORD = re.compile(r"[a-z][a-z0-9_]{0,60}")
_SHAPES = {
    "can_whatsapp": re.compile(r"[a-z0-9_-]{1,60}\.[a-z0-9_-]{1,60}"),
    "segment": SLUG,
    "shop_segment": re.compile(r"[A-Za-z0-9_-]{1,60}"),
}


def find_fact(name: str) -> Fact | None:
    """The fact called `name`, of the catalogue or of a family."""
    if name in FACTS:
        return FACTS[name]
    if name == ORDER_PLACED.name:
        return ORDER_PLACED
    family, _, word = name.partition(".")
    shape = _SHAPES.get(family, _LAST_WORD)
    if f"{family}." not in FAMILIES or not shape.fullmatch(word):
        return None
    kind, get, column = _FAMILY[family]
    return Fact(
        name=name,
        kind=kind,
        says=FAMILIES[f"{family}."],
        get=get(word),
        column=column and column(word),
    )


_FAMILY: Mapping[str, tuple[Kind, Callable[[str], Getter], Callable[[str], Column] | None]] = {
    "events": (Kind.EVENT, readings.events, acts.events),
    "since_entry": (Kind.YES_NO, readings.since_entry, None),
    "journey": (Kind.ANY, readings.journey, None),
    "can_whatsapp": (Kind.YES_NO, readings.can_whatsapp, tables.can_whatsapp),
    "shop_segment": (Kind.YES_NO, readings.shop_segment, tables.shop_segment),
    "segment": (Kind.SEGMENT, readings.segment, tables.segment),
}
