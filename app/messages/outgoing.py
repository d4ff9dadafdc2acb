"""A row as a channel takes it: the same for a first attempt, for a repeat and for a look-up."""

from uuid import UUID, uuid5

from app.channels import ChannelName, OutgoingMessage
from app.config import Config
from app.events import Person
from app.messages.facts import Facts
from app.messages.fallback import earlier_attempts
from app.models import Message

CALLBACK_PARAMETER = "message"
"""Twilio posts the query of the callback back to us, also when its answer to the send was lost."""


def unique_id(message: Message) -> str:
    """The same for ever for one store, journey and step: what makes a repeat recognisable."""
    return str(uuid5(message.store_id, f"{message.journey_id}/{message.step}"))


def as_outgoing(facts: Facts, valid_for_seconds: int, config: Config) -> OutgoingMessage:
    """The rendered row, with everything a provider is told."""
    message, person = facts.message, facts.snapshot
    template = message.context.get("template") or {}
    email = message.address if message.channel == ChannelName.EMAIL else None
    return OutgoingMessage(
        message_id=message.message_id,
        store_id=message.store_id,
        unique_id=unique_id(message),
        channel=ChannelName(message.channel),
        to=message.address or "",
        person=Person(
            platform_key=person.platform_key if person else None,
            email=email,
            phone=None if email else message.address,
            first_name=person.first_name if person else None,
            last_name=person.last_name if person else None,
            locale=message.locale,
        ),
        flow=facts.flow.slug,
        step=message.step,
        commercial=message.commercial,
        locale=message.locale,
        body=message.body or "",
        subject=message.subject or "",
        html=message.html or "",
        preview=message.preview or "",
        template_key=template.get("key"),
        template_values=template.get("values") or {},
        callback_url=callback_url(config, message.store_id, message.message_id),
        valid_for_seconds=valid_for_seconds,
        planned_at=message.planned_at,
        attempted_at=message.sent_at,
        failed_ids=earlier_attempts(message),
    )


def callback_url(config: Config, store_id: UUID, message_id: UUID) -> str:
    """Where Twilio tells what became of a text."""
    base = config.public_url.rstrip("/")
    return f"{base}/callbacks/twilio/{store_id}?{CALLBACK_PARAMETER}={message_id}"
