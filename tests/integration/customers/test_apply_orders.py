"""Orders, refunds and figures: the newest version wins, whatever comes first."""

from uuid import UUID

from app.customers import ChangeKind
from app.events import Person
from tests.integration.customers.people import kinds, order, tell


def test_a_paid_order_is_announced_once(store_id: UUID) -> None:
    ana = Person(email="Ana@Example.com")

    first = tell(store_id, order("1", 0, ana))
    again = tell(store_id, order("1", 0, ana))

    assert kinds(first) == [ChangeKind.CUSTOMER_CREATED, ChangeKind.ORDER_PLACED]
    assert again == []
