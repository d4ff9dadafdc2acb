"""Customers and their consent as webhooks tell them.

A ticked box on a checkout or an order is not consent here: Shopify tells the choice itself, with
its moment and level, through the consent topics.
"""

from app.events import (
    ConsentChanged,
    ConsentChannel,
    ConsentState,
    CustomerDeleted,
    CustomerSeen,
    Person,
)
from app.platforms.shopify.context import Context
from app.platforms.shopify.fields import Fields

_STATES = {
    "subscribed": ConsentState.SUBSCRIBED,
    "pending": ConsentState.PENDING,
    "unsubscribed": ConsentState.UNSUBSCRIBED,
    # Neither may be written to again, whatever was true before.
    "redacted": ConsentState.UNSUBSCRIBED,
    "invalid": ConsentState.UNSUBSCRIBED,
}


def person_of(body: Fields) -> Person:
    """The buyer of an order or a checkout, who may be unknown.

    Telephone numbers of addresses are left out: a parcel often goes to somebody else.
    """
    customer = body.sub("customer")
    home = customer.sub("default_address")
    places = [body.sub("shipping_address"), body.sub("billing_address"), home]
    place = next((place for place in places if place.has("country_code")), home)
    return Person(
        platform_key=customer.key("id"),
        email=address(body.text("email") or body.text("contact_email") or customer.text("email")),
        phone=body.text("phone") or customer.text("phone") or body.text("sms_marketing_phone"),
        first_name=customer.text("first_name") or place.text("first_name"),
        last_name=customer.text("last_name") or place.text("last_name"),
        locale=body.text("customer_locale") or customer.text("locale"),
        country=place.text("country_code"),
        region=place.text("province_code"),
    )


def customer(body: Fields, context: Context) -> list[CustomerSeen]:
    place = body.sub("default_address")
    person = Person(
        platform_key=body.must(body.key, "id"),
        email=address(body.text("email")),
        phone=body.text("phone"),
        first_name=body.text("first_name"),
        last_name=body.text("last_name"),
        locale=body.text("locale"),
        country=place.text("country_code"),
        region=place.text("province_code"),
    )
    seen = CustomerSeen(
        person=person,
        created_at=body.moment("created_at"),
        updated_at=body.must(body.moment, "updated_at"),
        tags=body.words("tags"),
    )
    return [seen]


def deleted(body: Fields, context: Context) -> list[CustomerDeleted]:
    key = body.must(body.key, "id")
    return [CustomerDeleted(platform_key=key, updated_at=context.received_at)]


def email_consent(body: Fields, context: Context) -> list[ConsentChanged]:
    person = Person(platform_key=_customer_key(body), email=address(body.text("email_address")))
    choice = _required(body, "email_marketing_consent")
    return _choice(person, ConsentChannel.EMAIL, choice, context)


def sms_consent(body: Fields, context: Context) -> list[ConsentChanged]:
    person = Person(platform_key=_customer_key(body), phone=body.text("phone"))
    choice = _required(body, "sms_marketing_consent")
    return _choice(person, ConsentChannel.SMS, choice, context)


def whatsapp_consent(body: Fields, context: Context) -> list[ConsentChanged]:
    """This topic's body is not published; names are taken as in both of its elder sisters."""
    phone = body.text("phone") or body.text("phone_number")
    names = ("whats_app_marketing_consent", "whatsapp_marketing_consent")
    name = next((name for name in names if body.has(name)), names[0])
    person = Person(platform_key=_customer_key(body), phone=phone)
    return _choice(person, ConsentChannel.WHATSAPP, _required(body, name), context)


def address(email: str | None) -> str | None:
    return email.lower() if email else None


def state_of(word: str | None) -> ConsentState | None:
    """Our word for Shopify's; None for somebody who was never asked."""
    return _STATES.get((word or "").lower())


def _customer_key(body: Fields) -> str:
    """The e-mail topic says `customer_id`, the elder SMS topic plainly `id`."""
    return body.key("customer_id") or body.must(body.key, "id")


def _required(body: Fields, name: str) -> Fields:
    if not body.has(name):
        body.fail(name, "is missing")
    return body.sub(name)


def _choice(
    person: Person, channel: ConsentChannel, choice: Fields, context: Context
) -> list[ConsentChanged]:
    state = state_of(choice.must(choice.text, "state"))
    if state is None:
        return []
    collected = choice.text("consent_collected_from") or choice.text("collected_from")
    return [
        ConsentChanged(
            person=person,
            channel=channel,
            state=state,
            source="shopify",
            level=(choice.text("opt_in_level") or "").lower() or None,
            evidence={"topic": context.topic}
            | ({"collected_from": collected} if collected else {}),
            updated_at=choice.moment("consent_updated_at")
            or choice.moment("updated_at")
            or context.received_at,
        )
    ]
