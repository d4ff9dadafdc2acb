"""Everybody at once: sends, receipts, clicks, opt-outs, webhooks and endings about the same people.

Rows are locked in one order everywhere, so nobody waits in a circle and nobody is written to twice.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from uuid import UUID

from sqlalchemy import select, update

from app.channels import ChannelName, Inbound, Receipt, ReceiptStatus
from app.events import CustomerSeen
from app.messages import follow, take_inbound, take_receipts
from app.models import Journey, Link, Message
from app.offers import mint_due, revoke_for
from app.tenancy import store_transaction
from tests.fakes.town import ANA, Town

ROUNDS = 5
GENEROUS = {
    "email_per_day": 24,
    "email_per_week": 168,
    "sms_per_day": 24,
    "sms_per_week": 168,
    "sms_per_month": 744,
    "promotional_per_day": 24,
}


def receipts_of(town: Town, message_ids: list[UUID], number: int) -> None:
    told = [
        Receipt(
            receipt_key=f"{message_id}/{status}/{number % 2}",
            status=status,
            occurred_at=town.clock.moment,
            message_id=message_id,
        )
        for message_id in message_ids
        for status in (ReceiptStatus.SENT, ReceiptStatus.CLICKED, ReceiptStatus.DELIVERED)
    ]
    take_receipts(town.store_id, "klaviyo", told, town.config.keys, town._hear)


def clicks(town: Town) -> None:
    with store_transaction(town.store_id) as session:
        numbers = session.scalars(select(Link.number)).all()
    for number in numbers:
        with store_transaction(town.store_id) as session:
            follow(session, number, town.clock.moment, town.config)


def replies(town: Town, number: int) -> None:
    inbound = Inbound(
        receipt_key=f"in-{number}",
        channel=ChannelName.SMS,
        address="+393471234567",
        body="STOP" if number % 2 else "START",
        occurred_at=town.clock.moment,
    )
    take_inbound(town.store_id, inbound, town.config.keys, town._hear)


def webhook(town: Town, number: int) -> None:
    """A fact arrives and a journey ends in its transaction, the way `flows.leave` does it."""
    town.tell(
        CustomerSeen(person=replace(ANA, last_name=f"N{number}"), updated_at=town.clock.moment)
    )
    with store_transaction(town.store_id) as session:
        journey = session.scalars(
            select(Journey)
            .where(Journey.status == "active")
            .order_by(Journey.journey_id)
            .limit(1)
            .with_for_update(key_share=True)
        ).one()
        journey.status = "exited"
        session.flush()
        session.execute(
            update(Message)
            .where(Message.journey_id == journey.journey_id, Message.status == "planned")
            .values(status="held")
        )
        revoke_for(session, [journey.journey_id], town.clock.moment)


def test_a_crowd_about_one_person_never_waits_in_a_circle(town: Town) -> None:
    town.choose(caps=GENEROUS)
    ids = []
    for number in range(ROUNDS * 2):
        journey_id = town.journey(f"flow-{number}")
        town.want(journey_id)
        ids.append(town.plan(journey_id))
        ids.append(town.plan(journey_id, step="text", channel=ChannelName.SMS))

    work: list[Callable[[], object]] = []
    for number in range(ROUNDS):
        work += [
            partial(town.send, 5),
            partial(receipts_of, town, ids[:10], number),
            partial(clicks, town),
            partial(replies, town, number),
            partial(webhook, town, number),
            partial(mint_due, town.store_id, town.connections, 5),
        ]
    with ThreadPoolExecutor(6) as pool:
        for done in [pool.submit(task) for task in work]:
            done.result()

    for channel in (town.mail, town.phone):
        assert len({call.unique_id for call in channel.calls}) == len(channel.calls)
