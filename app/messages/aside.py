"""Messages that do not go, or not now: held or moved, with their reason on record.

Must never touch a row whose claim has passed to somebody else.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from app import clock
from app.messages.claim import all_ours, lock_around, still_ours
from app.messages.facts import Facts
from app.messages.gather import load_facts
from app.messages.record import hold, move
from app.messages.truth import check
from app.messages.verdict import Go, Hold, Move
from app.messages.work import Work
from app.models import Message, MessageStatus
from app.points import Point, pass_point
from app.reasons import Reason
from app.tenancy import store_transaction

Aside = tuple[Message, Hold | Move]


def set_aside(work: Work, aside: Sequence[Aside]) -> None:
    """Hold or move claimed messages without a call, all in one transaction."""
    if not aside:
        return
    now = clock.now()
    verdicts = {message.message_id: verdict for message, verdict in aside}
    messages = [message for message, _ in aside]
    with store_transaction(work.store_id) as session:
        lock_around(session, messages)
        rows = all_ours(session, messages, MessageStatus.PLANNED)
        for facts in load_facts(session, rows, now):
            row = facts.message
            act(session, facts, within_deadline(row, verdicts[row.message_id]), now)
    pass_point(Point.MESSAGES_SET_ASIDE)


def settle(work: Work, facts: Facts) -> None:
    """Look again at what ends a journey, under the person's lock: that is everybody's order."""
    now = clock.now()
    with store_transaction(work.store_id) as session:
        lock_around(session, [facts.message])
        row = still_ours(session, facts.message, MessageStatus.PLANNED)
        if row is None:
            return
        fresh = load_facts(session, [row], now)[0]
        verdict = check(fresh, now)
        if isinstance(verdict, Go):
            row.lease_until = None  # The reason is gone: the next drain takes it.
        else:
            act(session, fresh, verdict, now)
    pass_point(Point.MESSAGE_ENDED)


def act(session: Session, facts: Facts, verdict: Hold | Move, now: datetime) -> None:
    if isinstance(verdict, Hold):
        hold(session, facts.message, facts.journey, verdict, now)
    else:
        move(session, facts.message, verdict)


def within_deadline(message: Message, verdict: Hold | Move) -> Hold | Move:
    """A move past the deadline is the end of the message; its reason stays on record."""
    deadline = message.deadline_at
    if isinstance(verdict, Hold) or deadline is None or verdict.until <= deadline:
        return verdict
    return Hold(
        reason=Reason.DEADLINE_PASSED,
        compared={
            **verdict.compared,
            "deadline": deadline.isoformat(),
            "possible_at": verdict.until.isoformat(),
            "moved_for": verdict.reason,
        },
    )
