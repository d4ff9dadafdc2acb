"""Orders, carts and products as the shop has them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Id, Minor, Moment, StoreId, same_store


class Order(Base):
    """An order by the platform's key. `counts` says whether it is a purchase (paid, not a test).

    `customer_id` is empty when nobody is named on it. `bought`: it was paid once, whatever came
    later. `version` and `person_version` order what sources told of it, see `customers.facts`.
    """

    __tablename__ = "orders"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index("ix_orders_customer", "store_id", "customer_id", "placed_at"),
        Index("ix_orders_placed", "store_id", "placed_at"),
        Index(
            "ix_orders_nameless",
            "store_id",
            postgresql_where=text("person_version = '' AND cart_keys <> '[]'"),
        ),
    )

    store_id: Mapped[StoreId]
    order_key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str]
    counts: Mapped[bool]
    currency: Mapped[str]
    total_minor: Mapped[Minor]
    refunded_minor: Mapped[Minor] = mapped_column(default=0)
    discount_codes: Mapped[list[str]] = mapped_column(default=list)
    cart_keys: Mapped[list[str]] = mapped_column(default=list)
    utm: Mapped[dict[str, Any]] = mapped_column(default=dict)
    placed_at: Mapped[Moment]
    cancelled_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    source_updated_at: Mapped[Moment]
    bought: Mapped[bool] = mapped_column(default=False)
    version: Mapped[str] = mapped_column(default="")
    person_version: Mapped[str] = mapped_column(default="")


class OrderLine(Base):
    __tablename__ = "order_lines"
    __table_args__ = (
        same_store("orders", "order_key"),
        Index("ix_order_lines_product", "store_id", "product_key"),
    )

    store_id: Mapped[StoreId]
    order_key: Mapped[str] = mapped_column(primary_key=True)
    line_key: Mapped[str] = mapped_column(primary_key=True)
    product_key: Mapped[str | None]
    variant_key: Mapped[str | None]
    title: Mapped[str]
    quantity: Mapped[int]
    total_minor: Mapped[Minor]


class Refund(Base):
    """A refund; it may be known before its order is, so there is no foreign key to it."""

    __tablename__ = "refunds"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    order_key: Mapped[str] = mapped_column(primary_key=True)
    refund_key: Mapped[str] = mapped_column(primary_key=True)
    amount_minor: Mapped[Minor]
    refunded_at: Mapped[Moment]


class Cart(Base):
    """A cart and its life: active, abandoned, recovered, ordered, expired, emptied.

    `abandoned_at` is set after the store's idle time; `recovered` is an abandoned cart that was
    ordered. Several platform tokens may name one cart, see `CartKey`. `ended_by`: order, completed,
    person, time or emptied. `clocks`: the moments the rest follows from (`customers.cart_life`).
    """

    __tablename__ = "carts"
    __table_args__ = (
        same_store("customers", "customer_id"),
        Index("ix_carts_customer", "store_id", "customer_id"),
        Index(
            "ix_carts_idle",
            "store_id",
            "changed_at",
            postgresql_where=text("status = 'active'"),
        ),
    )

    store_id: Mapped[StoreId]
    cart_id: Mapped[Id]
    customer_id: Mapped[UUID | None] = mapped_column(Uuid)
    status: Mapped[str]
    currency: Mapped[str]
    total_minor: Mapped[Minor]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    recovery_url: Mapped[str | None]
    started_at: Mapped[Moment]
    changed_at: Mapped[Moment]
    abandoned_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    order_key: Mapped[str | None]
    source_updated_at: Mapped[Moment]
    ended_by: Mapped[str | None]
    version: Mapped[str] = mapped_column(default="")
    clocks: Mapped[dict[str, Any]] = mapped_column(default=dict)


class CartKey(Base):
    __tablename__ = "cart_keys"
    __table_args__ = (
        same_store("carts", "cart_id"),
        Index("ix_cart_keys_cart", "store_id", "cart_id"),
    )

    store_id: Mapped[StoreId]
    cart_key: Mapped[str] = mapped_column(primary_key=True)
    cart_id: Mapped[UUID] = mapped_column(Uuid)


class Product(Base):
    __tablename__ = "products"

    store_id: Mapped[StoreId] = mapped_column(
        ForeignKey("stores.store_id", ondelete="CASCADE"), primary_key=True
    )
    product_key: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    url: Mapped[str | None]
    image_url: Mapped[str | None]
    price_minor: Mapped[Minor | None]
    currency: Mapped[str | None]
    available: Mapped[bool] = mapped_column(default=True)
    categories: Mapped[list[str]] = mapped_column(default=list)
    deleted_at: Mapped[datetime | None]
    source_updated_at: Mapped[Moment]
    version: Mapped[str] = mapped_column(default="")
