"""Messages whose answer was lost: looked up at the provider, and only then repeated, or not.

E-mail may be repeated under the same unique id, which the provider counts once. A text is repeated
one single time, and only after the provider has said that it has no trace of it.
"""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app import clock
from app.channels import Accepted, ChannelName, NotFound, Unknown
from app.messages.claim import lock_around, still_ours
from app.messages.deliver import call
from app.messages.facts import Facts
from app.messages.gather import load_facts
from app.messages.live import Looked, bought, look
from app.messages.outcome import accept, since_sent, wait_for_attempt
from app.messages.outgoing import as_outgoing
from app.messages.prepare import Prepared, mark_sending
from app.messages.record import decide, exit_journey, move
from app.messages.truth import check
from app.messages.verdict import Go, Hold, Move
from app.messages.work import BROKEN, Work
from app.models import Decision, Message, MessageStatus, StoreStatus
from app.points import Point, pass_point
from app.reasons import Outcome, Reason
from app.tenancy import store_transaction

REPEATABLE = frozenset({ChannelName.EMAIL})
"""Channels whose provider recognises a repeat by its unique id."""

MOST_TEXT_ATTEMPTS = 2
GIVE_UP_AFTER = timedelta(days=3)


def resolve(work: Work, facts: Facts) -> None:
    """Find out what became of the message of `facts`, and act on it."""
    message = facts.message
    if facts.store.status != StoreStatus.ACTIVE:
        _give_up(work, message, Hold(reason=Reason.STORE_GONE))
        return
    channel = work.channel(message.channel)
    if isinstance(channel, Hold):  # Disconnected since: nobody to ask until it is connected again.
        channel = Move(reason=Reason.CHANNEL_NOT_CONNECTED, until=clock.now() + BROKEN)
    if isinstance(channel, Move):
        _later(work, message, channel)
        return
    answer = channel.look_up(as_outgoing(facts, 0, work.config))
    pass_point(Point.LOST_LOOKED_UP)
    if isinstance(answer, NotFound):
        _not_found(work, facts)
    else:
        _settle(work, message, answer)


def _not_found(work: Work, facts: Facts) -> None:
    message = facts.message
    if message.channel not in REPEATABLE and _times_lost(work, message) >= MOST_TEXT_ATTEMPTS:
        detail = {"detail": "The provider has no trace of two attempts."}
        _give_up(work, message, Hold(reason=Reason.RESULT_UNKNOWN, compared=detail))
        return
    (looked,) = look(work, [facts])
    if isinstance(looked, Move):
        _later(work, message, looked)
        return
    with store_transaction(work.store_id) as session:
        prepared = _prepare(session, work, message, looked)
    if prepared is not None:
        pass_point(Point.REPEAT_MARKED)
        call(work, [prepared])


def _times_lost(work: Work, message: Message) -> int:
    """How often this message's answer was lost. Attempts that were refused do not count."""
    with store_transaction(work.store_id) as session:
        return session.scalars(
            select(func.count()).where(
                Decision.store_id == work.store_id,
                Decision.journey_id == message.journey_id,
                Decision.message_id == message.message_id,
                Decision.outcome == Outcome.UNKNOWN,
            )
        ).one()


def _prepare(session: Session, work: Work, message: Message, looked: Looked) -> Prepared | None:
    """A repeat is the same text to the same address; only whether it may still go is new."""
    now = clock.now()
    lock_around(session, [message])
    row = still_ours(session, message, MessageStatus.UNKNOWN)
    if row is None:
        return None
    facts = load_facts(session, [row], now)[0]
    verdict = bought(looked, facts) or check(facts, now)
    if isinstance(verdict, Go):
        mark_sending(row, now)
        return row, as_outgoing(facts, verdict.valid_for_seconds, work.config)
    if isinstance(verdict, Move):
        move(session, row, verdict)
    else:
        _end(session, row, verdict)
        if verdict.exits:
            exit_journey(session, row, facts.journey, verdict.reason, now)
    return None


def _settle(work: Work, message: Message, answer: Accepted | Unknown) -> None:
    now = clock.now()
    with store_transaction(work.store_id) as session:
        row = still_ours(session, message, MessageStatus.UNKNOWN)
        if row is None:
            return
        if isinstance(answer, Accepted):
            accept(session, row, answer, Reason.FOUND_AT_PROVIDER)
        elif since_sent(row, now) > GIVE_UP_AFTER:
            _end(session, row, Hold(reason=Reason.RESULT_UNKNOWN))
        else:
            row.lease_until, row.due_at = None, now + _patience(row, now)
    pass_point(Point.LOST_SETTLED)


def _patience(row: Message, now: datetime) -> timedelta:
    """The longer nothing has shown, the longer the next look may wait."""
    minutes = int(since_sent(row, now).total_seconds() // 600)
    return wait_for_attempt(min(minutes, 9))


def _give_up(work: Work, message: Message, hold: Hold) -> None:
    with store_transaction(work.store_id) as session:
        row = still_ours(session, message, MessageStatus.UNKNOWN)
        if row is not None:
            _end(session, row, hold)


def _end(session: Session, row: Message, verdict: Hold) -> None:
    """Not repeated. It may be out all the same: a receipt that comes later still lifts it."""
    row.status, row.reason, row.lease_until = MessageStatus.FAILED, verdict.reason, None
    compared = {**verdict.compared, "attempts": row.attempts, "may_be_out": True}
    decide(session, row, Outcome.FAILED, verdict.reason, compared)


def _later(work: Work, message: Message, verdict: Move) -> None:
    """The deadline does not matter here: the question is what has happened, not what may."""
    with store_transaction(work.store_id) as session:
        row = still_ours(session, message, MessageStatus.UNKNOWN)
        if row is not None and since_sent(row, clock.now()) > GIVE_UP_AFTER:
            _end(session, row, Hold(reason=Reason.RESULT_UNKNOWN, compared=verdict.compared))
        elif row is not None:
            move(session, row, verdict)
