"""What a provider's answer does to the row, to the person's consent and to the store's channel.

Must never turn an answer that was lost into a second message: what is not known stays unknown.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import clock, customers
from app.backoff import backoff
from app.channels import ACCOUNT_OF, Accepted, Advice, ChannelName, Refused, Unknown
from app.events import ConsentChannel, ConsentState
from app.messages.choices import choose
from app.messages.claim import lock_around
from app.messages.fallback import as_text, earlier_attempts, once_more
from app.messages.profiles import were_mailed
from app.messages.record import decide, move, take_back
from app.messages.status import climbs
from app.messages.verdict import Move
from app.messages.work import BROKEN, BUSY, Work
from app.models import Journey, Message, MessageStatus, Store
from app.models.rows import STORE, listed, one_of
from app.points import Point, pass_point
from app.reasons import Outcome, Reason
from app.stores.losing import is_lost
from app.tenancy import store_of, store_transaction

FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(minutes=30)
LOOK_UP_AFTER = timedelta(minutes=1)
LONGEST_LOOK_UP = timedelta(hours=6)
_LOCK = (
    select(Message)
    .where(Message.store_id == STORE, one_of(Message.message_id, "messages"))
    .order_by(Message.message_id)
    .with_for_update()
    .execution_options(populate_existing=True)
)
_log = structlog.get_logger(__name__)


Answered = tuple[Message, Accepted | Refused | Unknown]


def record(work: Work, answered: Sequence[Answered]) -> None:
    """Write the answers down: refusals by people first, each alone, the others together."""
    refused = [one for one in answered if _refuses(one[1])]
    for message, answer in refused:
        with store_transaction(work.store_id) as session:
            # First, because the ledger takes the store's lock before anybody may hold a row's.
            assert isinstance(answer, Refused)
            _opt_out(session, work, message, answer)
            _record(session, work, [(message, answer)])
        pass_point(Point.REFUSAL_RECORDED)
    others = [one for one in answered if not _refuses(one[1])]
    if others:
        with store_transaction(work.store_id) as session:
            _record(session, work, others)
        pass_point(Point.OUTCOMES_RECORDED)


def _refuses(answer: Accepted | Refused | Unknown) -> bool:
    return isinstance(answer, Refused) and answer.advice is Advice.OPT_OUT


def _record(session: Session, work: Work, answered: Sequence[Answered]) -> None:
    rows = _locked(session, [message for message, _ in answered])
    for message, answer in answered:
        row = rows.get(message.message_id)
        if row is not None:
            _settle(session, work, (row, message.lease_until), answer)
    were_mailed(session, [row for row in rows.values() if _is_mail_taken(row)])


def _is_mail_taken(row: Message) -> bool:
    return row.channel == ChannelName.EMAIL and row.reason == Reason.SENT


def _settle(
    session: Session,
    work: Work,
    claimed: tuple[Message, datetime | None],
    answer: Accepted | Refused | Unknown,
) -> None:
    """A row that another worker has settled meanwhile keeps its state, except that a message which
    was taken is never anything less."""
    row, lease_until = claimed
    if isinstance(answer, Accepted):
        if answer.provider_id is None or answer.provider_id not in earlier_attempts(row):
            accept(session, row, answer, Reason.SENT)
        return  # A receipt was quicker, and what it said has planned the message anew.
    if row.status != MessageStatus.SENDING or row.lease_until != lease_until:
        return
    if isinstance(answer, Unknown):
        _unknown(session, row, answer)
    else:
        _REFUSALS[answer.advice](session, work, row, answer)


def accept(session: Session, row: Message, answer: Accepted, reason: Reason) -> None:
    """The provider has it. A receipt may have come first and say more already."""
    if climbs(row.status, MessageStatus.ACCEPTED):
        row.status = MessageStatus.ACCEPTED
    row.reason, row.lease_until = reason, None
    row.provider_id = answer.provider_id or row.provider_id
    row.segments = answer.segments or row.segments
    row.error_code = None
    compared = {"basis": row.basis, "attempts": row.attempts, "provider_id": row.provider_id}
    decide(session, row, Outcome.SENT, reason, compared)


def _unknown(session: Session, row: Message, answer: Unknown) -> None:
    row.status, row.reason, row.lease_until = MessageStatus.UNKNOWN, Reason.RESULT_UNKNOWN, None
    row.due_at = clock.now() + wait_for_attempt(row.attempts - 1)
    compared = {"detail": answer.detail, "attempts": row.attempts}
    decide(session, row, Outcome.UNKNOWN, Reason.RESULT_UNKNOWN, compared)


def _again(session: Session, work: Work, row: Message, answer: Refused) -> None:
    usual = backoff(row.attempts, FIRST_RETRY, LONGEST_RETRY)
    wait = max(usual, timedelta(seconds=answer.retry_after or 0))
    _back_to_planned(row)
    compared = {"code": answer.code, "detail": answer.detail}
    until = clock.now() + wait
    move(session, row, Move(reason=Reason.PROVIDER_BUSY, until=until, compared=compared))


def _opt_out(session: Session, work: Work, row: Message, answer: Refused) -> None:
    choice = (ConsentChannel(row.channel), ConsentState.UNSUBSCRIBED)
    provider = ACCOUNT_OF[row.channel]
    because = {"source": provider, "code": answer.code, "message_id": str(row.message_id)}
    changes = choose(session, row.customer_id, choice, clock.now(), because)
    if changes and work.on_changes is not None:
        work.on_changes(session, session.get_one(Store, row.store_id), changes)


def _opted_out(session: Session, work: Work, row: Message, answer: Refused) -> None:
    _fail(session, row, answer, Reason.OPTED_OUT)


def _bad_address(session: Session, work: Work, row: Message, answer: Refused) -> None:
    if row.address:
        customers.suppress(
            session,
            ConsentChannel(row.channel),
            row.address,
            f"bad_address:{answer.code}",
            keys=work.config.keys,
        )
    _fail(session, row, answer, Reason.BAD_ADDRESS)


def _other_channel(session: Session, work: Work, row: Message, answer: Refused) -> None:
    if not as_text(session, row, answer.code):
        _fail(session, row, answer, Reason.PROVIDER_REFUSED)


def _later(session: Session, work: Work, row: Message, answer: Refused) -> None:
    if not once_more(session, row, answer.code, answer.retry_after):
        _fail(session, row, answer, Reason.PROVIDER_REFUSED)


def _give_up(session: Session, work: Work, row: Message, answer: Refused) -> None:
    _fail(session, row, answer, Reason.PROVIDER_REFUSED)


def _stop_store(session: Session, work: Work, row: Message, answer: Refused) -> None:
    """The account is refused: messages wait until it is mended, or for the moment that another
    token takes, where only the one in use was worn out (`stores.losing`)."""
    lost = is_lost(session, ACCOUNT_OF[row.channel])
    reason, wait = (Reason.CHANNEL_BROKEN, BROKEN) if lost else (Reason.PROVIDER_BUSY, BUSY)
    compared = {"code": answer.code, "problem": answer.detail}
    waits = Move(reason=reason, until=clock.now() + wait, compared=compared)
    work.stop(row.channel, waits)
    _back_to_planned(row)
    move(session, row, waits)


def _our_bug(session: Session, work: Work, row: Message, answer: Refused) -> None:
    """Nobody's fault but ours: held, logged loudly, and not repeated until it is mended."""
    _log.error(
        "provider_refused_our_request",
        store_id=str(row.store_id),
        message_id=str(row.message_id),
        code=answer.code,
        detail=answer.detail,
    )
    _fail(session, row, answer, Reason.PROVIDER_REFUSED)
    row.status = MessageStatus.HELD


_REFUSALS = {
    Advice.RETRY: _again,
    Advice.OPT_OUT: _opted_out,
    Advice.BAD_ADDRESS: _bad_address,
    Advice.TRY_OTHER: _other_channel,
    Advice.TRY_LATER: _later,
    Advice.GIVE_UP: _give_up,
    Advice.STOP_STORE: _stop_store,
    Advice.OUR_BUG: _our_bug,
}


def _fail(session: Session, row: Message, answer: Refused, reason: Reason) -> None:
    row.status, row.reason, row.lease_until = MessageStatus.FAILED, reason, None
    row.error_code = answer.code
    compared = {"code": answer.code, "detail": answer.detail, "attempts": row.attempts}
    decide(session, row, Outcome.FAILED, reason, compared)
    take_back(session, session.get_one(Journey, (row.store_id, row.journey_id)), clock.now())


def _back_to_planned(row: Message) -> None:
    """The provider did not take it, for certain, so nothing was sent."""
    row.status, row.sent_at, row.lease_until = MessageStatus.PLANNED, None, None


def _locked(session: Session, messages: Sequence[Message]) -> Mapping[UUID, Message]:
    """The fresh rows; the people first, in the order everybody locks."""
    lock_around(session, messages)
    ids = listed({message.message_id for message in messages})
    rows = session.scalars(_LOCK, {"store": store_of(session), "messages": ids})
    return {row.message_id: row for row in rows}


def wait_for_attempt(attempts: int) -> timedelta:
    """How long between look-ups of the same message: a minute, then longer, at most six hours."""
    return backoff(attempts + 1, LOOK_UP_AFTER, LONGEST_LOOK_UP)


def since_sent(row: Message, now: datetime) -> timedelta:
    return now - (row.sent_at or row.planned_at)
