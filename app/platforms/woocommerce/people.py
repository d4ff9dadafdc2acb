"""Who a WooCommerce body is about: customers, and guests known by their billing e-mail alone.

It must never take a guest for nobody: most shoppers of a WooCommerce shop have no account.
"""

from datetime import datetime

from app.events import CustomerSeen, Fact, Person
from app.platforms.woocommerce.choices import consents
from app.platforms.woocommerce.payload import Body, inner, key, meta, moment, required_key, text

TAGS_META = "_comeback_tags"
"""Our tags on a customer, separated by commas: WooCommerce has none of its own."""


def email(body: Body, field: str = "email") -> str | None:
    """An e-mail in lower case: it is the key of a guest."""
    address = text(body, field)
    return address.lower() if address and "@" in address else None


def buyer(order: Body) -> Person:
    """The person of an order. Drafts and orders made by staff may have no e-mail."""
    billing = inner(order, "billing")
    return Person(
        platform_key=key(order, "customer_id"),
        email=email(billing),
        phone=text(billing, "phone"),
        first_name=text(billing, "first_name"),
        last_name=text(billing, "last_name"),
        country=text(billing, "country"),
        region=text(billing, "state"),
    )


def customer_facts(body: Body, received_at: datetime) -> list[Fact]:
    """The customer and the choices kept on them."""
    billing = inner(body, "billing")
    person = Person(
        platform_key=required_key(body, "id"),
        email=email(body) or email(billing),
        phone=text(billing, "phone"),
        first_name=text(body, "first_name") or text(billing, "first_name"),
        last_name=text(body, "last_name") or text(billing, "last_name"),
        country=text(billing, "country"),
        region=text(billing, "state"),
    )
    created_at = moment(body, "date_created_gmt")
    # A customer who never changed anything has no date of change.
    updated_at = moment(body, "date_modified_gmt") or created_at or received_at
    tags = tuple(t.strip() for t in meta(body).get(TAGS_META, "").split(",") if t.strip())
    seen = CustomerSeen(person=person, created_at=created_at, updated_at=updated_at, tags=tags)
    return [seen, *consents(body, person, updated_at)]
