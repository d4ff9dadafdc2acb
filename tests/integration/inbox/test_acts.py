"""Acts that a shop's own software tells begin flows, and are signs of life, or are not."""

import json
from datetime import datetime
from uuid import UUID

import pytest
from sqlalchemy import select

from app import clock as now
from app import flows
from app.config import Config
from app.inbox import process_waiting
from app.inbox.receive import Kept, insert_webhooks
from app.inbox.rhythm import keep_rhythm
from app.inbox.standing import keep_standing
from app.models import Customer, Journey, Standing
from app.platforms.acts import TOPIC
from app.segments.health import health
from app.stores import lifecycle
from app.tenancy import store_transaction
from tests.conftest import START, Clock

FLOW = """
flow: payment
name: {en: Payment}
languages: [en]
purpose: service
trigger: {event: payment_failed, where: {journey.amount: {at_least: 10}}}
holdout: 0%
steps:
  - task: {title: {en: Call}, script: {en: Ask}, owner: support, due: 1 day}
"""


def told(store_id: UUID, config: Config, act_id: str, name: str, **values: object) -> None:
    act = {
        "name": name,
        "id": act_id,
        "at": now.now().isoformat(),
        "person": {"email": "ana@example.com"},
        "values": values,
    }
    body = json.dumps({"acts": [act]}).encode()
    webhook = Kept(store_id=store_id, webhook_key=act_id, topic=TOPIC, body=body, triggered_at=None)
    insert_webhooks([webhook])
    process_waiting(store_id, config)


def last_active(store_id: UUID) -> datetime | None:
    with store_transaction(store_id) as session:
        return session.scalars(select(Customer.last_active_at)).one()


@pytest.mark.requirement(12, 15)
def test_what_befalls_somebody_is_no_sign_of_life_and_what_they_do_is(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    told(store_id, config, "1", "payment_failed")
    assert last_active(store_id) is None
    told(store_id, config, "2", "logged_in")
    clock.advance(days=3)
    told(store_id, config, "3", "contact_unanswered")

    assert last_active(store_id) == START


@pytest.mark.requirement(76)
def test_an_act_begins_a_flow_that_asks_for_it_and_its_values(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        flows.import_flow(session, store, FLOW, clock())
        flows.activate(session, store, "payment", clock())
    told(store_id, config, "1", "payment_failed", amount=9.99)
    told(store_id, config, "2", "payment_failed", amount=10.01)

    with store_transaction(store_id) as session:
        assert session.scalars(select(Journey.entry_key)).all() == ["act:2"]


SIGN = """
flow: rescue
name: {en: Rescue}
languages: [en]
purpose: service
trigger: {segment: {entered: {signal.payment_failed: {is: true}}}}
holdout: 0%
steps:
  - task: {title: {en: Call}, script: {en: Ask}, owner: support, due: 1 hour}
"""


@pytest.mark.requirement(76, 78)
def test_a_sign_of_leaving_begins_a_flow_when_it_appears(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    told(store_id, config, "1", "logged_in")
    keep_rhythm(store_id)
    keep_standing(store_id)
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        flows.import_flow(session, store, SIGN, clock())
        flows.activate(session, store, "rescue", clock())
    told(store_id, config, "2", "payment_failed")

    keep_rhythm(store_id)

    with store_transaction(store_id) as session:
        assert session.scalars(select(Journey.status)).all() == ["active"]
        row = session.scalars(select(Standing)).one()
        assert (row.signals, row.risk_level) == (["payment_failed"], "high")


def of_one_feature(store_id: UUID) -> int:
    while keep_standing(store_id):
        pass
    with store_transaction(store_id) as session:
        sizes = {one.segment.slug: one.today for one in health(session)}
        today = sizes["single-feature-users"]
    assert today is not None
    return today.people


@pytest.mark.requirement(12, 36)
def test_who_uses_one_feature_alone_is_in_the_segment_of_those(
    store_id: UUID, config: Config, clock: Clock
) -> None:
    for number, feature in enumerate(("export", "export", None)):
        values = {"feature": feature} if feature else {}
        told(store_id, config, str(number), "feature_used", **values)
    assert of_one_feature(store_id) == 1

    clock.advance(days=2)
    told(store_id, config, "more", "feature_used", feature="import")
    assert of_one_feature(store_id) == 0

    clock.advance(days=29)
    assert of_one_feature(store_id) == 1, "the first was too long ago"
