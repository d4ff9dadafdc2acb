"""A message that breaks us: it is put off, within its deadline, and its record says so.

Must never touch a message whose call may have begun: its lease ends, and it is looked up.
"""

from datetime import datetime, timedelta

import structlog

from app import clock
from app.messages.claim import lock_around, still_ours
from app.messages.record import hold, move
from app.messages.verdict import Hold, Move
from app.messages.work import Work
from app.models import Journey, Message, MessageStatus
from app.reasons import Reason
from app.tenancy import store_transaction
from app.trouble import is_passing, place_of

TRY_AGAIN = timedelta(minutes=30)
GIVE_UP_AFTER = timedelta(days=1)
"""Of a message without a deadline: whatever it had to say is old by then."""

_log = structlog.get_logger(__name__)


def put_off(work: Work, message: Message, error: Exception) -> None:
    """Log the defect, and let the message wait for its repair as long as it makes sense."""
    _tell(work, message, error)
    if is_passing(error):
        return  # Not the message's fault: its lease ends, and the sweep finds it.
    with store_transaction(work.store_id) as session:
        lock_around(session, [message])
        row = still_ours(session, message, MessageStatus.PLANNED)
        if row is None:
            return
        now = clock.now()
        verdict = _verdict(row, error, now)
        if isinstance(verdict, Move):
            move(session, row, verdict)
        else:
            hold(
                session, row, session.get_one(Journey, (row.store_id, row.journey_id)), verdict, now
            )


def _verdict(message: Message, error: Exception, now: datetime) -> Hold | Move:
    compared = {"error": type(error).__name__, "place": place_of(error)}
    until = now + TRY_AGAIN
    if until > (message.deadline_at or message.planned_at + GIVE_UP_AFTER):
        return Hold(reason=Reason.OUR_DEFECT, compared=compared)
    return Move(reason=Reason.OUR_DEFECT, until=until, compared=compared)


def _tell(work: Work, message: Message, error: Exception) -> None:
    _log.error(
        "message_failed",
        store_id=str(work.store_id),
        message_id=str(message.message_id),
        error=type(error).__name__,
        place=place_of(error),
    )
