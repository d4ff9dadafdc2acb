"""The last look at a group of messages, their text, and the mark that they may be out.

All in the caller's one short transaction, in a number of statements that does not depend on how
many messages there are. Must never call anybody.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from app import clock
from app.channels import ChannelName, OutgoingMessage
from app.messages.aside import act, within_deadline
from app.messages.bucket import WHATSAPP_PER_SECOND, Load, take
from app.messages.claim import all_ours, lock_around
from app.messages.compose import Desk, NoTranslation, compose
from app.messages.facts import Facts
from app.messages.gather import load_facts
from app.messages.liquid import CopyError
from app.messages.live import Looked, bought
from app.messages.lost import forgotten, take_as_sent
from app.messages.outgoing import as_outgoing
from app.messages.truth import check
from app.messages.verdict import Go, Hold, Move
from app.messages.work import Work
from app.models import Message, MessageStatus
from app.reasons import Reason

CALL_LEASE = timedelta(minutes=2)
"""Far longer than a group's calls can take: after it the worker is dead, not slow."""
CLOCKS_APART = timedelta(minutes=10)
"""A text has no key by which a repeat is known. So nobody asks after one that is still under way,
even if the clocks of two machines differ by as much."""

Prepared = tuple[Message, OutgoingMessage]


def prepare(
    session: Session, work: Work, asked: Sequence[tuple[Message, Looked]]
) -> list[Prepared]:
    """Those messages that may go, rendered and marked; the others are held or moved, on record.

    `asked` names each person once, so that every message counts against the caps of the next.
    """
    now = clock.now()
    looked = {message.message_id: found for message, found in asked}
    messages = [message for message, _ in asked]
    lock_around(session, messages)
    every = load_facts(session, all_ours(session, messages, MessageStatus.PLANNED), now)
    every = _not_sent_before(session, every, work, now)
    desk = Desk.open(session, work.config, every)
    ready = []
    for facts in every:
        verdict = _last_look(session, facts, looked[facts.message.message_id], desk, now)
        if isinstance(verdict, Go):
            mark_sending(facts.message, now)
            outgoing = as_outgoing(facts, verdict.valid_for_seconds, work.config)
            ready.append((facts.message, outgoing))
        else:
            act(session, facts, within_deadline(facts.message, verdict), now)
    desk.close()
    return ready


def _not_sent_before(
    session: Session, every: Sequence[Facts], work: Work, now: datetime
) -> list[Facts]:
    """All but those that went out already, as the provider's books say of what a backup lost."""
    lost = forgotten(session, every, work.config.keys, now)
    left = []
    for facts in every:
        message = facts.message
        found = lost.get(message.message_id)
        if found is None:
            left.append(facts)
        else:
            found.message_id = message.message_id
            take_as_sent(session, message, (found.sent_at, found.provider_id), None)
    return left


def mark_sending(message: Message, now: datetime) -> None:
    """From the commit of this on, the message may be out."""
    message.status, message.reason = MessageStatus.SENDING, None
    message.attempts += 1
    message.sent_at = now
    # Due again when the lease ends: that is when the sweep must look for us.
    by_key = message.channel == ChannelName.EMAIL
    message.lease_until = now + (CALL_LEASE if by_key else CALL_LEASE + CLOCKS_APART)
    message.due_at = message.lease_until


def _last_look(
    session: Session, facts: Facts, looked: Looked, desk: Desk, now: datetime
) -> Go | Hold | Move:
    verdict = bought(looked, facts) or check(facts, now)
    if not isinstance(verdict, Go):
        return verdict
    return (
        _write(facts, verdict, desk, looked.cart_link) or _no_room(session, facts, now) or verdict
    )


def _write(facts: Facts, go: Go, desk: Desk, cart_link: str | None) -> Hold | None:
    try:
        compose(facts, go, desk, cart_link)
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
