"""What privacy law makes Shopify tell us: whose data to hand out, and whom or what to forget."""

from app.events import DataRequested, ErasureRequested, Person, StoreErasureRequested
from app.platforms.shopify.context import Context, same_shop
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.people_payloads import address


def data_requested(body: Fields, context: Context) -> list[DataRequested]:
    same_shop(body, "shop_domain", context)
    request = body.sub("data_request")
    return [
        DataRequested(
            request_key=request.must(request.key, "id"),
            person=_subject(body),
            updated_at=context.received_at,
        )
    ]


def erasure(body: Fields, context: Context) -> list[ErasureRequested]:
    same_shop(body, "shop_domain", context)
    return [
        ErasureRequested(
            person=_subject(body),
            order_keys=body.keys("orders_to_redact"),
            updated_at=context.received_at,
        )
    ]


def shop_erasure(body: Fields, context: Context) -> list[StoreErasureRequested]:
    same_shop(body, "shop_domain", context)
    return [StoreErasureRequested(updated_at=context.received_at)]


def _subject(body: Fields) -> Person:
    """Whom the law is about: sometimes only an address is given."""
    customer = body.sub("customer")
    person = Person(
        platform_key=customer.key("id"),
        email=address(customer.text("email")),
        phone=customer.text("phone"),
    )
    if not (person.platform_key or person.email or person.phone):
        body.fail("customer", "names nobody: it has no id, email or phone")
    return person
