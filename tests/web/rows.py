"""A store with something of everything in it, for pages to show and for strangers to be refused."""

from dataclasses import dataclass
from datetime import timedelta
from importlib.resources import files
from uuid import UUID

from app import clock, customers
from app.events import CustomerSeen, Person
from app.flows.versions import import_flow
from app.models import (
    Customer,
    Decision,
    Flow,
    Journey,
    Link,
    Message,
    Notice,
    Store,
    Task,
    Webhook,
    new_id,
)
from app.segments import Draft, keep
from app.tenancy import store_transaction

SUBJECT = "You left something in your cart"
HTML = "<html><body style='color:#123'><p>Your <b>rosemary oil</b> is waiting.</p></body></html>"


@dataclass(frozen=True)
class Filled:
    """The ids of one store's things, by the names routes give them."""

    store_id: UUID
    number: int
    person: UUID
    message: UUID
    slug: str
    segment: str
    task: UUID
    notice: UUID
    webhook: UUID
    link: int

    def of(self, argument: str) -> str:
        return str(getattr(self, argument))


def preset(name: str) -> str:
    return (files("app.flows") / "presets" / f"{name}.yaml").read_text(encoding="utf-8")


def fill(store_id: UUID, email: str = "ana@example.com", slug: str = "abandoned-cart") -> Filled:
    """One customer inside one flow who got one message, with a task, a notice and bad webhook."""
    with store_transaction(store_id) as session:
        store = session.get_one(Store, store_id)
        now = clock.now()
        seen = CustomerSeen(
            person=Person(platform_key="7", email=email, first_name="Ana", last_name="Rossi"),
            updated_at=now - timedelta(days=2),
        )
        customers.apply(session, [customers.Incoming(fact=seen, source="webhook", live=False)], now)
        customer = session.query(Customer).filter_by(store_id=store_id, email=email).one()
        import_flow(
            session,
            store,
            preset("abandoned-cart").replace("flow: abandoned-cart", f"flow: {slug}"),
            now,
        )
        flow = session.query(Flow).filter_by(store_id=store_id, slug=slug).one()
        common = {"store_id": store_id, "customer_id": customer.customer_id}
        place = {"flow_id": flow.flow_id, "version": 1}
        journey = Journey(
            **common,
            **place,
            journey_id=new_id(),
            entry_key="cart-1",
            arm="treated",
            step="second",
            due_at=now + timedelta(days=1),
        )
        session.add(journey)
        session.flush()
        own = {**common, "journey_id": journey.journey_id}
        message = Message(
            **own,
            **place,
            message_id=new_id(),
            step="first",
            channel="email",
            name="reminder",
            purpose="cart",
            commercial=True,
            basis="soft_opt_in",
            status="delivered",
            locale="it",
            address=email,
            subject=SUBJECT,
            html=HTML,
            body="Waiting.",
            due_at=now,
            sent_at=now,
        )
        session.add(message)
        session.flush()
        link = Link(
            store_id=store_id, message_id=message.message_id, target="https://shop.example/p"
        )
        task = Task(
            **own,
            task_id=new_id(),
            step="call",
            title="Call Ana",
            script="Say hello.",
            owner="support",
            due_at=now,
        )
        notice = Notice(
            store_id=store_id,
            notice_id=new_id(),
            notice_key=f"n-{slug}",
            kind="flow",
            title="Somebody is waiting",
        )
        webhook = Webhook(
            store_id=store_id,
            webhook_id=new_id(),
            webhook_key=f"w-{slug}",
            topic="orders/create",
            body=b'{"id": 1',
            status="failed",
            error="the body is not JSON",
        )
        decision = Decision(
            **own,
            **place,
            decision_id=new_id(),
            step="first",
            outcome="refused",
            reason="quiet_hours",
            compared={"until": now.isoformat()},
        )
        session.add_all([link, task, notice, webhook, decision])
        session.flush()
        draft = Draft(f"{slug}-people", f"People of {slug}", "customer.orders_count: {at_least: 0}")
        segment, _ = keep(session, draft, now)
        return Filled(
            store_id,
            store.number,
            customer.customer_id,
            message.message_id,
            slug,
            segment.slug,
            task.task_id,
            notice.notice_id,
            webhook.webhook_id,
            link.number,
        )
