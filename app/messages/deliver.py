"""A group of messages, from the live look at the shop to the calls and their answers.

Two short transactions and none open between them. Killed before the first commits, nothing has
happened; killed after it, the rows say `sending` and only a look-up decides. Nothing here may
call a channel for a row that is not committed as `sending`.
"""

from collections.abc import Sequence

import structlog

from app.channels import Accepted, OutgoingMessage, Refused, Unknown
from app.messages.aside import Aside, set_aside
from app.messages.facts import Facts
from app.messages.live import Looked, look
from app.messages.outcome import Answered, record
from app.messages.prepare import Prepared, prepare
from app.messages.verdict import Hold, Move
from app.messages.work import Work
from app.models import Message
from app.points import Point, pass_point
from app.tenancy import store_transaction
from app.trouble import place_of

_log = structlog.get_logger(__name__)


def deliver(work: Work, group: Sequence[Facts]) -> None:
    """Send those messages of `group`, each to another person, that may still go; whatever happens
    is on record."""
    aside: list[Aside] = []
    ready: list[Facts] = []
    for facts in group:
        channel = work.channel(facts.message.channel)
        if isinstance(channel, (Hold, Move)):
            aside.append((facts.message, channel))
        else:
            ready.append(facts)
    asked: list[tuple[Message, Looked]] = []
    for facts, found in zip(ready, look(work, ready), strict=True):
        if isinstance(found, Move):
            aside.append((facts.message, found))
        else:
            asked.append((facts.message, found))
    set_aside(work, aside)
    if asked:
        with store_transaction(work.store_id) as session:
            prepared = prepare(session, work, asked)
        pass_point(Point.MESSAGES_MARKED)
        call(work, prepared)


def call(work: Work, prepared: Sequence[Prepared]) -> None:
    """The calls themselves, side by side, and their answers put on record."""
    # No transaction is open here: a slow provider must not use up our connections.
    answers = work.at_once(_send, [outgoing for _, outgoing in prepared])
    answered: list[Answered] = []
    for (message, _), answer in zip(prepared, answers, strict=True):
        if answer is not None:
            work.heard(message.channel, not _silent(answer))
            answered.append((message, answer))
    pass_point(Point.GROUP_ANSWERED)
    record(work, answered)


def _send(work: Work, outgoing: OutgoingMessage) -> Accepted | Refused | Unknown | None:
    """The provider's answer. None for a defect of ours: the message may be out all the same, so it
    stays `sending`, and is looked up when its lease ends."""
    channel = work.channel(outgoing.channel)
    assert not isinstance(channel, (Hold, Move))  # The caller has asked.
    try:
        answer = channel.send(outgoing)
    except Exception as error:
        _log.error(
            "message_failed",
            store_id=str(work.store_id),
            message_id=str(outgoing.message_id),
            error=type(error).__name__,
            place=place_of(error),
        )
        return None
    pass_point(Point.MESSAGE_TAKEN)
    return answer


def _silent(answer: object) -> bool:
    return isinstance(answer, Unknown) or (
        isinstance(answer, Refused) and answer.code == "unreachable"
    )
