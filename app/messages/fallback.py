"""What did not arrive, for certain, goes once more: as a text instead of WhatsApp, or later.

Each is a recorded decision about the same message, and the whole truth judges it again before it
goes. The provider's ids of the attempts that failed stay with the message, so that no late word
about one of them, and no look-up, is taken for a word about the next.
"""

from datetime import timedelta

from sqlalchemy.orm import Session

from app import clock
from app.channels import ChannelName
from app.customers import consent_now
from app.events import ConsentChannel, ConsentState
from app.messages.record import move
from app.messages.verdict import Move
from app.models import Message, MessageStatus
from app.reasons import Reason

LATER = timedelta(hours=6)
"""When the provider's own adapter does not say."""


def as_text(session: Session, row: Message, code: str | None) -> bool:
    """Turn a WhatsApp message back into a planned one, by SMS. False: it cannot be one.

    Only for somebody who agreed to texts.
    """
    if row.channel != ChannelName.WHATSAPP or not _agreed_to_texts(session, row):
        return False
    compared = {"code": code, "falls_back_to": ChannelName.SMS}
    move(
        session,
        row,
        Move(reason=Reason.PROVIDER_REFUSED, until=clock.now(), compared=compared),
    )
    _plan_anew(row)
    row.channel = ChannelName.SMS
    return True


def once_more(session: Session, row: Message, code: str | None, wait: float | None) -> bool:
    """Plan the one later try. False: it has had that, or it would come after the deadline."""
    until = clock.now() + (timedelta(seconds=wait) if wait else LATER)
    too_late = row.deadline_at is not None and until > row.deadline_at
    if too_late or row.context.get("later_try"):
        return False
    move(session, row, Move(reason=Reason.NOT_REACHED, until=until, compared={"code": code}))
    _plan_anew(row)
    row.context = {**row.context, "later_try": True}
    return True


def earlier_attempts(row: Message) -> frozenset[str]:
    """The provider's ids of this message's attempts that did not arrive."""
    return frozenset(row.context.get("failed_ids", ()))


def _plan_anew(row: Message) -> None:
    failed = [*earlier_attempts(row), row.provider_id] if row.provider_id else []
    kept = {name: value for name, value in row.context.items() if name != "template"}
    row.context = {**kept, "failed_ids": failed} if failed else kept
    row.status = MessageStatus.PLANNED
    row.sent_at = row.provider_id = row.error_code = row.segments = row.price_minor = None


def _agreed_to_texts(session: Session, row: Message) -> bool:
    choice = consent_now(session, [row.customer_id])[row.customer_id].get(ConsentChannel.SMS)
    return choice is not None and choice.state == ConsentState.SUBSCRIBED
