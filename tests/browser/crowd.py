"""People who have been through something, in many ways, so that pages have something to show."""

from datetime import timedelta
from uuid import UUID

from app import clock
from app.inbox.hearing import hear
from app.models import (
    Backfill,
    ConsentEntry,
    Credit,
    Customer,
    Decision,
    Flow,
    Journey,
    Message,
    Order,
    Touch,
    new_id,
)
from app.reasons import Reason
from app.tenancy import store_transaction
from tests.web.rows import Filled, fill

_NAMES = (
    ("Bruno", "Conti"),
    ("Chiara", "De Santis"),
    ("Maria Aparecida", "Gonçalves de Albuquerque"),
    ("Dario", "Ferri"),
    ("Elena", "Greco"),
    ("Fabio", "Leone"),
    ("Giulia", "Marino"),
    ("Joaquín", "Hernández"),
)
_REASONS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("refused", Reason.OPTED_OUT, {"channel": "sms", "since": "2026-02-11T10:00:00+00:00"}),
    ("waiting", Reason.WAITED, {"until": "2026-03-03T09:00:00+00:00"}),
    ("moved", Reason.FREQUENCY_CAP, {"until": "2026-03-03T10:00:00+00:00", "cap": 1}),
    ("done", Reason.SENT, {"basis": "soft_opt_in"}),
    ("ended", Reason.ALREADY_ORDERED, {"order": "#1042"}),
    ("entered", Reason.ENTERED, {}),
)


def gather(store_id: UUID) -> Filled:
    """The store of `fill` with a week of life in it."""
    filled = fill(store_id)
    now = clock.now()
    with store_transaction(store_id) as session:
        for topic in ("orders/create", "customers_email_marketing_consent/update"):
            hear(session, [(topic, now - timedelta(hours=hour)) for hour in range(12, 504)])
        flow = session.query(Flow).filter_by(store_id=store_id, slug=filled.slug).one()
        flow.status, flow.activated_at = "active", clock.now() - timedelta(days=20)
        for place, resource in enumerate(("products", "customers", "orders")):
            session.add(
                Backfill(
                    store_id=store_id,
                    resource=resource,
                    done=(120, 4_310, 0)[place],
                    total=(120, 12_000, None)[place],
                    status=("finished", "reading", "waiting")[place],
                    finished_at=clock.now() if place == 0 else None,
                )
            )
        session.flush()
        for number, (first, last) in enumerate(_NAMES):
            _live(session, filled, flow, number, (first, last))
    return filled


def _live(session, filled: Filled, flow: Flow, number: int, name: tuple[str, str]) -> None:  # type: ignore[no-untyped-def]
    now = clock.now() - timedelta(minutes=7 * number)
    own = {"store_id": filled.store_id, "customer_id": new_id()}
    place = {"flow_id": flow.flow_id, "version": 1}
    session.add(
        Customer(
            **own,
            email=f"{name[0].split()[0].lower()}@example.com",
            first_name=name[0],
            last_name=name[1],
            country="IT",
            locale="it",
            orders_count=number,
            spent_minor=4_990 * number,
            first_seen_at=now - timedelta(days=90),
            last_active_at=now,
            last_order_at=now - timedelta(days=3) if number else None,
        )
    )
    session.flush()
    journey = Journey(
        **own,
        **place,
        journey_id=new_id(),
        entry_key=f"cart-{number}",
        arm="holdout" if number == 4 else "treated",
        step="second",
        status="exited" if number % 3 == 0 else "active",
        converted_at=now if number % 3 == 0 else None,
        due_at=now + timedelta(days=1),
    )
    session.add(journey)
    session.flush()
    outcome, reason, compared = _REASONS[number % len(_REASONS)]
    message = Message(
        **own,
        **place,
        journey_id=journey.journey_id,
        message_id=new_id(),
        step="first",
        channel="email" if number % 2 else "sms",
        name="reminder",
        purpose="cart",
        commercial=True,
        basis="soft_opt_in",
        status="delivered",
        locale="it",
        subject="Hai lasciato qualcosa nel carrello" if number % 2 else None,
        body="Il tuo carrello ti aspetta: https://s.example/l/abc",
        due_at=now,
        sent_at=now,
    )
    session.add(message)
    session.add(
        ConsentEntry(
            **own,
            consent_id=new_id(),
            entry_key=f"c-{number}",
            channel="email",
            state="subscribed",
            source="webhook",
            occurred_at=now - timedelta(days=30),
        )
    )
    for step, what in (("first", (outcome, reason, compared)), ("first", _REASONS[5])):
        session.add(
            Decision(
                **own,
                **place,
                decision_id=new_id(),
                journey_id=journey.journey_id,
                step=step,
                outcome=what[0],
                reason=what[1],
                compared=what[2],
                decided_at=now,
            )
        )
    if number % 3 == 1:
        _buy(session, own, place, number, message.message_id)


def _buy(session, own, place, number: int, message_id: UUID) -> None:  # type: ignore[no-untyped-def]
    key, now = f"order-{number}", clock.now()
    session.flush()
    session.add(
        Order(
            **own,
            order_key=key,
            number=f"#10{number}",
            status="paid",
            counts=True,
            currency="EUR",
            total_minor=8_450,
            placed_at=now,
            source_updated_at=now,
        )
    )
    session.add(Touch(**own, message_id=message_id, touch_key=f"t-{number}", kind="click"))
    session.flush()
    session.add(
        Credit(
            store_id=own["store_id"],
            order_key=key,
            message_id=message_id,
            flow_id=place["flow_id"],
            channel="email",
            touch="click",
            amount_minor=8_450,
            currency="EUR",
            credited_at=now,
        )
    )
