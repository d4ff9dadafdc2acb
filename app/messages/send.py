"""Sending what is due for one store: claim, judge, and hand each message on, one after another.

Safe to kill at any line and to run twice at once. One message that breaks us never stops the rest.
"""

import traceback
from collections.abc import Callable
from uuid import UUID

import structlog

from app import clock
from app.messages.claim import claim_due, claim_unknown, settle_lost
from app.messages.deliver import act, deliver, settle
from app.messages.facts import Facts, load_facts
from app.messages.truth import check
from app.messages.unknowns import resolve
from app.messages.verdict import Go, Hold
from app.messages.work import Connections, OnChanges, Work
from app.tenancy import store_transaction

_log = structlog.get_logger(__name__)


def send_due(
    store_id: UUID, connections: Connections, limit: int, on_changes: OnChanges | None = None
) -> int:
    """Work off up to `limit` due messages and as many lost answers; how many were looked at.

    `on_changes` hears what a live look at the shop taught us, inside the same transaction.
    """
    work = Work(store_id, connections, on_changes)
    lost = _claim_unknown(work, limit)
    due, looked_at = _claim(work, limit)
    for facts in lost:
        _guarded(resolve, work, facts)
    for facts in due:
        _guarded(deliver, work, facts)
    return len(lost) + looked_at


def _claim(work: Work, limit: int) -> tuple[list[Facts], int]:
    """What may go, as far as we know here; most of what may not is settled at once."""
    now = clock.now()
    going, ending = [], []
    with store_transaction(work.store_id) as session:
        messages = claim_due(session, work.store_id, now, limit)
        for facts in load_facts(session, messages, now) if messages else ():
            verdict = check(facts, now)
            if isinstance(verdict, Go):
                going.append(facts)
            elif isinstance(verdict, Hold) and verdict.exits:
                ending.append(facts)
            else:
                act(session, facts, verdict, now)
    for facts in ending:
        _guarded(settle, work, facts)
    return going, len(messages)


def _claim_unknown(work: Work, limit: int) -> list[Facts]:
    now = clock.now()
    with store_transaction(work.store_id) as session:
        settle_lost(session, work.store_id, now, limit)
        session.flush()
        messages = claim_unknown(session, work.store_id, now, limit)
        return load_facts(session, messages, now) if messages else []


def _guarded(step: Callable[[Work, Facts], None], work: Work, facts: Facts) -> None:
    """A defect loses this message's turn, never its row: the lease ends and it is found again."""
    try:
        step(work, facts)
    except Exception as error:
        _log.error(
            "message_failed",
            store_id=str(work.store_id),
            message_id=str(facts.message.message_id),
            error=type(error).__name__,
            where=_place(error),
        )


def _place(error: Exception) -> str:
    """Where it broke. A whole traceback may carry a person's address into a log."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].name}:{frames[-1].lineno}" if frames else ""
