"""WhatsApp cannot reach this person: the same message as a text, once, as a recorded decision.

Only for somebody who agreed to texts, and only when the provider said for certain that nothing
arrived. The text is judged by the whole truth again before it goes.
"""

from sqlalchemy.orm import Session

from app import clock
from app.channels import ChannelName
from app.customers import consent_now
from app.events import ConsentChannel, ConsentState
from app.messages.record import move
from app.messages.verdict import Move
from app.models import Message, MessageStatus
from app.reasons import Reason


def as_text(session: Session, row: Message, code: str | None) -> bool:
    """Turn a WhatsApp message back into a planned one, by SMS. False: it cannot be one."""
    if row.channel != ChannelName.WHATSAPP or not _agreed_to_texts(session, row):
        return False
    compared = {"code": code, "falls_back_to": ChannelName.SMS}
    move(
        session,
        row,
        Move(reason=Reason.PROVIDER_REFUSED, until=clock.now(), compared=compared),
    )
    row.status, row.channel = MessageStatus.PLANNED, ChannelName.SMS
    row.sent_at = row.provider_id = row.error_code = row.segments = row.price_minor = None
    row.context = {name: value for name, value in row.context.items() if name != "template"}
    return True


def _agreed_to_texts(session: Session, row: Message) -> bool:
    choice = consent_now(session, [row.customer_id])[row.customer_id].get(ConsentChannel.SMS)
    return choice is not None and choice.state == ConsentState.SUBSCRIBED
