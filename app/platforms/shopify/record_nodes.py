"""The Admin API's customers and products in our words, consent of every channel included."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.events import ConsentChanged, ConsentChannel, CustomerSeen, Fact, Person, ProductSeen
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.people_payloads import address, state_of


def customer_of(node: Mapping[str, Any]) -> list[Fact]:
    """The record, and the choice on file for each channel."""
    customer = Fields(dict(node), "customer")
    email, phone = customer.sub("defaultEmailAddress"), customer.sub("defaultPhoneNumber")
    place = customer.sub("defaultAddress")
    person = Person(
        platform_key=customer.must(customer.key, "id"),
        email=address(email.text("emailAddress")),
        phone=phone.text("phoneNumber"),
        first_name=customer.text("firstName"),
        last_name=customer.text("lastName"),
        locale=customer.text("locale"),
        country=place.text("countryCodeV2"),
        region=place.text("provinceCode"),
    )
    seen = CustomerSeen(
        person=person,
        created_at=customer.moment("createdAt"),
        updated_at=customer.must(customer.moment, "updatedAt"),
        tags=customer.words("tags"),
    )
    return [seen, *_choices(seen, email, phone)]


def product_of(
    node: Mapping[str, Any], variants: Sequence[Mapping[str, Any]], domain: str
) -> ProductSeen:
    """With nothing in stock it is still available where a variant is sold all the same."""
    product = Fields(dict(node), "product")
    price, handle = product.sub("priceRangeV2").sub("minVariantPrice"), product.text("handle")
    currency = price.text("currencyCode")
    kinds = (product.text("productType"), product.sub("category").text("name"))
    on_sale = product.text("status") == "ACTIVE" and product.has("publishedAt")
    in_stock = not product.flag("tracksInventory") or product.count("totalInventory") > 0
    for_sale = any(Fields(dict(one), "variant").flag("availableForSale") for one in variants)
    return ProductSeen(
        product_key=product.must(product.key, "id"),
        title=product.text("title") or "",
        url=f"https://{domain}/products/{handle}" if handle else None,
        image_url=product.sub("featuredMedia").sub("preview").sub("image").text("url"),
        price_minor=price.money("amount", currency) if currency else None,
        currency=currency,
        available=on_sale and (in_stock or for_sale),
        categories=tuple(word for word in kinds if word),
        updated_at=product.must(product.moment, "updatedAt"),
    )


def _choices(seen: CustomerSeen, email: Fields, phone: Fields) -> list[ConsentChanged]:
    sms, whatsapp = phone.sub("smsMarketingConsent"), phone.sub("whatsAppMarketingConsent")
    found = [
        (
            ConsentChannel.EMAIL,
            email,
            "marketingState",
            "marketingOptInLevel",
            "marketingUpdatedAt",
        ),
        (ConsentChannel.SMS, sms, "state", "optInLevel", "updatedAt"),
        (ConsentChannel.WHATSAPP, whatsapp, "state", "optInLevel", "updatedAt"),
    ]
    return [
        ConsentChanged(
            person=seen.person,
            channel=channel,
            state=state,
            source="shopify",
            level=(choice.text(level) or "").lower() or None,
            updated_at=choice.moment(at) or seen.updated_at,
        )
        for channel, choice, word, level, at in found
        if (state := state_of(choice.text(word))) is not None
    ]
