"""What is read of an order's body. A line of a real one has four times as many fields: those that
are not named here are passed over and never built.

A body of another shape is read whole, and `Fields` complains of it. A field that a reader asks for
and that is missing here would be lost: a test compares what both ways read.
"""

from typing import Any, TypedDict


class _Place(TypedDict, total=False):
    first_name: Any
    last_name: Any
    country_code: Any
    province_code: Any


class _Customer(TypedDict, total=False):
    id: Any
    email: Any
    phone: Any
    first_name: Any
    last_name: Any
    locale: Any
    default_address: _Place | None


class _Line(TypedDict, total=False):
    id: Any
    product_id: Any
    variant_id: Any
    title: Any
    name: Any
    quantity: Any
    price: Any
    discount_allocations: Any


class Order(TypedDict, total=False):
    """A body of the topics `orders/*` that tell an order's state."""

    id: Any
    name: Any
    customer: _Customer | None
    email: Any
    contact_email: Any
    phone: Any
    sms_marketing_phone: Any
    customer_locale: Any
    shipping_address: _Place | None
    billing_address: _Place | None
    currency: Any
    total_price: Any
    financial_status: Any
    line_items: list[_Line] | None
    refunds: Any
    discount_codes: Any
    cart_token: Any
    checkout_token: Any
    landing_site: Any
    test: Any
    created_at: Any
    processed_at: Any
    cancelled_at: Any
    updated_at: Any
