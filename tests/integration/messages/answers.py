"""Receipts and replies as providers bring them, and what is known of a person afterwards."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.channels import ChannelName, Inbound
from app.messages import take_inbound
from app.tenancy import store_transaction
from tests.fakes.town import Town


def sent(town: Town, channel: ChannelName = ChannelName.SMS) -> UUID:
    message_id = town.plan(channel=channel)
    town.send()
    return message_id


def reply(town: Town, body: str, key: str = "in-1") -> None:
    inbound = Inbound(
        receipt_key=key,
        channel=ChannelName.SMS,
        address="+393471234567",
        body=body,
        occurred_at=town.clock.advance(minutes=5),
    )
    take_inbound(town.store_id, inbound, town.config.keys, town._hear)


def count(town: Town, model: type[Any]) -> int:
    with store_transaction(town.store_id) as session:
        return session.scalar(select(func.count()).select_from(model)) or 0
