"""The Admin API's orders in our words: the same facts as the webhooks', told in camel case."""

from collections.abc import Mapping, Sequence
from typing import Any

from app.events import Line, OrderSeen, Person, Refund
from app.platforms.shopify.fields import Fields
from app.platforms.shopify.order_payloads import cart_tokens, status_of
from app.platforms.shopify.people_payloads import address


def order_of(node: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> OrderSeen:
    order = Fields(dict(node), "order")
    total = order.sub("totalPriceSet").sub("shopMoney")
    currency = total.must(total.text, "currencyCode")
    cancelled_at = order.moment("cancelledAt")
    return OrderSeen(
        order_key=order.must(order.key, "id"),
        number=order.text("name") or order.must(order.key, "id"),
        person=_buyer(order),
        status=status_of(order.text("displayFinancialStatus"), cancelled=cancelled_at is not None),
        currency=currency,
        total_minor=total.must_money("amount", currency),
        lines=tuple(_line(Fields(dict(line), "order.lineItems"), currency) for line in lines),
        refunds=tuple(_refund(refund, currency) for refund in order.rows("refunds")),
        discount_codes=order.words("discountCodes"),
        cart_keys=cart_tokens(order.text("checkoutToken"), order.text("cartToken")),
        utm=_utm(order),
        placed_at=order.moment("processedAt") or order.must(order.moment, "createdAt"),
        updated_at=order.must(order.moment, "updatedAt"),
        cancelled_at=cancelled_at,
        test=order.flag("test"),
    )


def _buyer(order: Fields) -> Person:
    customer, place = order.sub("customer"), order.sub("shippingAddress")
    email = order.text("email") or customer.sub("defaultEmailAddress").text("emailAddress")
    phone = order.text("phone") or customer.sub("defaultPhoneNumber").text("phoneNumber")
    return Person(
        platform_key=customer.key("id"),
        email=address(email),
        phone=phone,
        first_name=customer.text("firstName") or place.text("firstName"),
        last_name=customer.text("lastName") or place.text("lastName"),
        locale=order.text("customerLocale"),
        country=place.text("countryCodeV2"),
        region=place.text("provinceCode"),
    )


def _line(line: Fields, currency: str) -> Line:
    total = line.sub("discountedTotalSet").sub("shopMoney")
    return Line(
        line_key=line.must(line.key, "id"),
        product_key=line.sub("product").key("id"),
        variant_key=line.sub("variant").key("id"),
        title=line.text("title") or "",
        quantity=line.count("quantity"),
        total_minor=total.must_money("amount", currency),
    )


def _refund(refund: Fields, currency: str) -> Refund:
    money = refund.sub("totalRefundedSet").sub("shopMoney")
    return Refund(
        refund_key=refund.must(refund.key, "id"),
        amount_minor=money.must_money("amount", currency),
        refunded_at=refund.moment("processedAt") or refund.must(refund.moment, "createdAt"),
    )


def _utm(order: Fields) -> dict[str, str]:
    visit = order.sub("customerJourneySummary").sub("lastVisit").sub("utmParameters")
    names = ("source", "medium", "campaign", "term", "content")
    return {f"utm_{name}": value for name in names if (value := visit.text(name))}
