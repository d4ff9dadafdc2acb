"""Messages that waited for the best time: some at the hour chosen for a person, some at any."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from app import clock
from app.models import Customer, Flow, FlowVersion, Journey, Message, new_id
from app.tenancy import store_transaction

Arm = tuple[str, int, int]


def sent(store_id: UUID, *arms: Arm, days_ago: int = 10) -> None:
    """Of each arm so many messages were answered, of so many."""
    now = clock.now()
    common: dict[str, Any] = {"store_id": store_id, "customer_id": new_id()}
    place = {"flow_id": new_id(), "version": 1}
    journey_id = new_id()
    with store_transaction(store_id) as session:
        session.add(Customer(**common, email=f"{journey_id}@example.com", first_seen_at=now))
        session.add(Flow(store_id=store_id, slug=str(journey_id), **place))
        session.flush()
        session.add(FlowVersion(store_id=store_id, **place, source="x"))
        session.flush()
        session.add(Journey(**common, **place, journey_id=journey_id, entry_key="1", arm="treated"))
        session.flush()
        at = now - timedelta(days=days_ago)
        session.add_all(
            Message(
                **common,
                **place,
                journey_id=journey_id,
                step=f"{by}-{number}",
                channel="email",
                name="hello",
                purpose="nurture",
                basis="opt_in",
                commercial=True,
                status="delivered",
                locale="it",
                due_at=at,
                sent_at=at,
                clicked_at=at if number < answered else None,
                context={"hour": {"step": "1", "hour": 19, "by": by}},
            )
            for by, answered, many in arms
            for number in range(many)
        )
