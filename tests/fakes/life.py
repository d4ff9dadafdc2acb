"""Everything that can happen to one person: a timeline with every kind of entry."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app import customers
from app.attribution import credit_orders
from app.channels import Receipt, ReceiptStatus
from app.events import (
    CartSeen,
    CustomerActed,
    CustomerDeleted,
    CustomerSeen,
    Line,
    OrderDeleted,
    Person,
    Refund,
    RefundSeen,
)
from app.messages import take_receipts
from app.models import Store
from app.stores.settings import StoreSettings
from app.tenancy import store_transaction
from tests.fakes.town import ANA, Town

OTHER_ADDRESS = "ana.rossi@example.com"


def live_through_everything(town: Town) -> UUID:
    """Ana stays a customer for a while, then deletes her account. Returns who she is."""
    ana = stay_a_while(town)
    at = town.clock.advance(minutes=1)
    town.tell(CustomerDeleted(platform_key="77", updated_at=at))
    return ana


def stay_a_while(town: Town) -> UUID:
    """Ana leaves a cart, is written to, clicks, buys, says what she thinks, turns out to be known
    twice and is paid back."""
    ana = town.ana
    _leave_a_cart(town)
    message_id = town.plan()
    town.send()
    town.clock.advance(minutes=20)
    click(town, message_id)
    town.clock.advance(minutes=20)
    buy(town, "o-1", cart_keys=("cart-1",))
    town.clock.advance(minutes=20)
    give_score(town, "score-1", 9)
    _turn_out_to_be_known_twice(town)
    _undo(town)
    return ana


def _leave_a_cart(town: Town) -> None:
    """Once more: the town's own cart was put aside by hand, and the log does not know."""
    at = town.clock.advance(minutes=1)
    town.tell(cart(at))
    town.clock.advance(hours=2)
    with store_transaction(town.store_id) as session:
        customers.sweep_carts(session, StoreSettings(), town.clock.moment, 10)


def cart(at: datetime, product: str = "Timo") -> CartSeen:
    line = Line(line_key="1", product_key="p1", title=product, quantity=1, total_minor=4_200)
    return CartSeen(
        cart_keys=("cart-1",),
        person=ANA,
        currency="EUR",
        total_minor=4_200,
        lines=(line,),
        updated_at=at,
    )


def click(town: Town, message_id: UUID) -> None:
    receipt = Receipt(
        receipt_key=f"{message_id}{town.clock.moment}",
        status=ReceiptStatus.CLICKED,
        occurred_at=town.clock.moment,
        message_id=message_id,
    )
    take_receipts(town.store_id, "klaviyo", [receipt], town.config.keys)


def buy(town: Town, key: str, **values: object) -> None:
    """An order, and the credit it owes."""
    town.tell(town.order(order_key=key, number=f"#{key}", **values))
    with store_transaction(town.store_id) as session:
        store = session.get_one(Store, town.store_id)
        credit_orders(session, store, [key], town.clock.moment)


def give_score(town: Town, key: str, score: int) -> None:
    town.tell(
        CustomerActed(
            event_key=key,
            name="score_given",
            person=ANA,
            values={"value": score},
            updated_at=town.clock.moment,
        )
    )


def _turn_out_to_be_known_twice(town: Town) -> None:
    at = town.clock.advance(minutes=1)
    town.tell(CustomerSeen(person=Person(email=OTHER_ADDRESS), updated_at=at))
    both = replace(ANA, email=OTHER_ADDRESS)
    town.tell(town.order(order_key="o-2", number="#o-2", person=both, updated_at=at))
    town.tell(CustomerSeen(person=ANA, updated_at=at + timedelta(seconds=1)))


def _undo(town: Town) -> None:
    at = town.clock.advance(minutes=1)
    refund = Refund(refund_key="r-1", amount_minor=1_200, refunded_at=at)
    town.tell(
        RefundSeen(order_key="o-1", refund=refund, updated_at=at),
        OrderDeleted(order_key="o-2", updated_at=at + timedelta(seconds=1)),
    )
