"""What somebody has bought, where a story needs no more of it than who and when."""

from datetime import datetime
from uuid import UUID

from app.models import Order, new_id


def paid_order(store_id: UUID, customer_id: UUID, at: datetime) -> Order:
    """Paid, for 30 euros."""
    return Order(
        store_id=store_id,
        order_key=str(new_id()),
        number="1",
        customer_id=customer_id,
        status="paid",
        counts=True,
        currency="EUR",
        total_minor=3_000,
        placed_at=at,
        source_updated_at=at,
    )
