"""`comeback science send-time`: the best hour beside a random one, with an interval or the size."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from app import clock
from app.models import Customer, Flow, FlowVersion, Journey, Message, new_id
from app.science.rates import people_needed, rate_difference
from app.tenancy import store_transaction
from tests.cli.conftest import Run
from tests.conftest import Clock

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


@pytest.fixture(autouse=True)
def _still(clock: Clock) -> None:
    """Days are counted from a moment that stands still."""


@pytest.mark.requirement(111)
def test_the_best_hour_stands_beside_the_random_one_with_newcombes_interval(
    run: Run, store_id: UUID
) -> None:
    sent(store_id, ("best_hour", 60, 120), ("random_hour", 30, 100))
    sent(store_id, ("best_hour", 9, 9), days_ago=1)  # May still be answered.

    told = run("science", "send-time", "--store", str(store_id)).output

    interval = rate_difference((60, 120), (30, 100))
    assert "50.0%" in told and "30.0%" in told
    assert f"{100 * interval.difference:+.2f} points" in told
    assert f"between {100 * interval.low:+.2f} and {100 * interval.high:+.2f}" in told
    assert "a clear difference" in told


def test_too_few_answers_name_how_many_it_takes(run: Run, store_id: UUID) -> None:
    nobody = run("science", "send-time", "--store", str(store_id)).output
    sent(store_id, ("best_hour", 8, 90), ("random_hour", 2, 10))

    told = run("science", "send-time", "--store", str(store_id)).output

    assert "Not enough data: 0 answers at a random hour, at least 30 are needed." in nobody
    assert "Not enough data: 2 answers at a random hour" in told
    assert f"about {people_needed(0.1, 0.2, 0.1):,} messages at a random hour" in told
