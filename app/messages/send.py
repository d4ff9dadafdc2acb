"""Sending what is due for one store: claim, judge, and hand the messages on, a group at a time.

Safe to kill at any line and to run twice at once. One message that breaks us never stops the rest.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar
from uuid import UUID

from app import clock, jobs
from app.messages.aside import act, settle
from app.messages.claim import all_ours, claim_due, claim_unknown, hand_back, settle_lost
from app.messages.defects import put_off
from app.messages.deliver import deliver
from app.messages.facts import Facts
from app.messages.gather import load_facts
from app.messages.truth import check
from app.messages.unknowns import resolve
from app.messages.verdict import Go, Hold
from app.messages.work import Connections, HearOut, OnChanges, Work
from app.models import Message, MessageStatus
from app.points import Point, pass_point
from app.tenancy import store_transaction

GROUP = 20
"""Messages between one commit and the next: few enough for every call to end within its lease,
and for the last look to be fresh; enough to make the statements around them cheap."""

_Thing = TypeVar("_Thing", Facts, Message)
_Step = Callable[[Work, Sequence[_Thing]], list[Facts] | None]


def send_due(
    store_id: UUID,
    connections: Connections,
    limit: int,
    on_changes: OnChanges | None = None,
    hear_out: HearOut | None = None,
) -> int:
    """Work off up to `limit` due messages and as many lost answers; how many were looked at.

    `on_changes` hears what a live look at the shop taught us, inside the same transaction.
    `hear_out` makes the state as new as what has reached us, before each group is sent.
    """
    work = Work(store_id, connections, on_changes, hear_out)
    lost, due = _claim_unknown(work, limit), _claim(work, limit)
    for facts in _singled_out(_load, work, lost):
        if not jobs.stopping():
            _guarded(resolve, work, facts)
    for group in _groups(_singled_out(_judge, work, due)):
        if not jobs.stopping():
            _singled_out(deliver, work, group)
    if jobs.stopping():
        with store_transaction(store_id) as session:
            hand_back(session, [*lost, *due])
    return len(lost) + len(due)


def _claim(work: Work, limit: int) -> list[Message]:
    with store_transaction(work.store_id) as session:
        due = claim_due(session, work.store_id, clock.now(), limit)
    if due:
        pass_point(Point.MESSAGES_CLAIMED)
    return due


def _claim_unknown(work: Work, limit: int) -> list[Message]:
    now = clock.now()
    with store_transaction(work.store_id) as session:
        settle_lost(session, work.store_id, now, limit)
        session.flush()
        lost = claim_unknown(session, work.store_id, now, limit)
    if lost:
        pass_point(Point.LOST_CLAIMED)
    return lost


def _load(work: Work, messages: Sequence[Message]) -> list[Facts]:
    with store_transaction(work.store_id) as session:
        rows = all_ours(session, messages, MessageStatus.UNKNOWN)
        return load_facts(session, rows, clock.now())


def _judge(work: Work, messages: Sequence[Message]) -> list[Facts]:
    """What may go, as far as we know here; most of what may not is settled at once."""
    now = clock.now()
    going, ending = [], []
    with store_transaction(work.store_id) as session:
        rows = all_ours(session, messages, MessageStatus.PLANNED)
        for facts in load_facts(session, rows, now):
            verdict = check(facts, now)
            if isinstance(verdict, Go):
                going.append(facts)
            elif isinstance(verdict, Hold) and verdict.exits:
                ending.append(facts)
            else:
                act(session, facts, verdict, now)
    pass_point(Point.MESSAGES_JUDGED)
    for facts in ending:
        _guarded(settle, work, facts)
    return going


def _groups(going: Sequence[Facts]) -> Iterator[Sequence[Facts]]:
    """At most GROUP messages each, and never two to one person, whose caps count both."""
    while going:
        group: dict[UUID, Facts] = {}
        rest = []
        for facts in going:
            who = facts.message.customer_id
            if who in group or len(group) == GROUP:
                rest.append(facts)
            else:
                group[who] = facts
        yield list(group.values())
        going = rest


def _singled_out(step: _Step[_Thing], work: Work, things: Sequence[_Thing]) -> list[Facts]:
    """All at once; when that breaks, one by one, so that only the broken one stays behind."""
    if not things:
        return []
    try:
        return step(work, things) or []
    except Exception as error:
        if len(things) == 1:
            (thing,) = things
            put_off(work, thing if isinstance(thing, Message) else thing.message, error)
            return []
    return [facts for thing in things for facts in _singled_out(step, work, [thing])]


def _guarded(step: Callable[[Work, Facts], None], work: Work, facts: Facts) -> None:
    """A defect costs this message its turn, and no other message anything."""
    try:
        step(work, facts)
    except Exception as error:
        put_off(work, facts.message, error)
