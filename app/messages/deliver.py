"""One message, from the last look at the truth to the call and its answer.

Two short transactions and none open between them. Killed before the first commits, nothing has
happened; killed after it, the row says `sending` and only a look-up decides. Nothing here may
call a channel for a row that is not committed as `sending`.
"""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import clock
from app.channels import Channel, ChannelName, OutgoingMessage, Refused, Unknown
from app.messages.bucket import WHATSAPP_PER_SECOND, Load, take
from app.messages.claim import lock_around, still_ours
from app.messages.compose import NoTranslation, Setting, compose
from app.messages.facts import Facts, load_facts
from app.messages.liquid import CopyError
from app.messages.live import Looked, bought, look
from app.messages.outcome import record
from app.messages.outgoing import as_outgoing
from app.messages.record import hold, move
from app.messages.truth import check
from app.messages.verdict import Go, Hold, Move
from app.messages.work import Work
from app.models import Message, MessageStatus
from app.reasons import Reason
from app.tenancy import store_transaction

CALL_LEASE = timedelta(minutes=2)
"""Far longer than any channel's timeout: after it the worker is dead, not slow."""


def deliver(work: Work, facts: Facts) -> None:
    """Send the message of `facts` if it may still go; whatever happens is on record."""
    message = facts.message
    channel = work.channel(message.channel)
    if isinstance(channel, (Hold, Move)):
        set_aside(work, message, channel)
        return
    looked = look(work, facts)
    if isinstance(looked, Move):
        set_aside(work, message, looked)
        return
    with store_transaction(work.store_id) as session:
        prepared = _prepare(session, work, message, looked)
    if prepared is not None:
        call(work, channel, prepared)


def call(work: Work, channel: Channel, prepared: tuple[Message, OutgoingMessage]) -> None:
    """The call itself, and its answer put on record."""
    message, outgoing = prepared
    # No transaction is open here: a slow provider must not use up our connections.
    answer = channel.send(outgoing)
    work.heard(message.channel, not _silent(answer))
    with store_transaction(work.store_id) as session:
        record(session, work, message, answer)


def set_aside(work: Work, message: Message, verdict: Hold | Move) -> None:
    """Hold or move a claimed message without a call."""
    now = clock.now()
    with store_transaction(work.store_id) as session:
        row = still_ours(session, message, MessageStatus(message.status))
        if row is None:
            return
        facts = load_facts(session, [row], now)[0]
        act(session, facts, within_deadline(row, verdict), now)


def settle(work: Work, facts: Facts) -> None:
    """Look again at what ends a journey, under the person's lock: that is everybody's order."""
    now = clock.now()
    with store_transaction(work.store_id) as session:
        lock_around(session, facts.message)
        row = still_ours(session, facts.message, MessageStatus.PLANNED)
        if row is None:
            return
        fresh = load_facts(session, [row], now)[0]
        verdict = check(fresh, now)
        if isinstance(verdict, Go):
            row.lease_until = None  # The reason is gone: the next drain takes it.
        else:
            act(session, fresh, verdict, now)


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


def mark_sending(message: Message, now: datetime) -> None:
    """From the commit of this on, the message may be out."""
    message.status, message.reason = MessageStatus.SENDING, None
    message.attempts += 1
    message.sent_at = now
    # Due again when the lease ends: that is when the sweep must look for us.
    message.lease_until = message.due_at = now + CALL_LEASE


def _prepare(
    session: Session, work: Work, message: Message, looked: Looked
) -> tuple[Message, OutgoingMessage] | None:
    """The last look, under the person's lock; then the text, then the mark."""
    now = clock.now()
    lock_around(session, message)
    row = still_ours(session, message, MessageStatus.PLANNED)
    if row is None:
        return None
    facts = load_facts(session, [row], now)[0]
    verdict = bought(looked, facts) or check(facts, now)
    if isinstance(verdict, Go):
        setting = Setting(config=work.config, cart_link=looked.cart_link)
        refusal = _compose(session, facts, verdict, setting) or _no_room(session, facts, now)
        if refusal is None:
            mark_sending(row, now)
            return row, as_outgoing(facts, verdict.valid_for_seconds, work.config)
        verdict = refusal
    act(session, facts, within_deadline(row, verdict), now)
    return None


def _compose(session: Session, facts: Facts, go: Go, setting: Setting) -> Hold | None:
    try:
        compose(session, facts, go, setting)
    except NoTranslation as error:
        return Hold(reason=Reason.NO_TRANSLATION, compared={"problem": str(error)})
    except CopyError as error:
        return Hold(reason=Reason.TEMPLATE_ERROR, compared={"problem": str(error)})
    return None


def _no_room(session: Session, facts: Facts, now: datetime) -> Move | None:
    """The sender's bucket of segments (messaging.md 2.7)."""
    message = facts.message
    if message.channel == ChannelName.EMAIL:
        return None
    is_sms = message.channel == ChannelName.SMS
    load = Load(
        sender=message.channel,
        segments=message.segments or 1,
        rate=facts.settings.sms_segments_per_second if is_sms else WHATSAPP_PER_SECOND,
    )
    wait = take(session, message.store_id, load, now)
    if not wait:
        return None
    return Move(reason=Reason.SENDER_BUSY, until=now + wait, compared={"segments": load.segments})


def _silent(answer: object) -> bool:
    return isinstance(answer, Unknown) or (
        isinstance(answer, Refused) and answer.code == "unreachable"
    )
