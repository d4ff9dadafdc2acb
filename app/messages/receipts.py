"""What providers tell about our messages, taken once each, in whatever order it comes.

A status only climbs. An opt-out, a complaint or a dead address is acted on at once; an open is
nothing. Must never believe a receipt that is not signed: the channel has checked it.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock, customers
from app.channels import ACCOUNT_OF, Advice, Receipt, ReceiptStatus
from app.customers.apply import open_batch
from app.customers.changes import Change
from app.events import ConsentChannel, ConsentState
from app.messages import touches
from app.messages.addressed import Addressed, addressed
from app.messages.choices import choose
from app.messages.claim import lock_around
from app.messages.fallback import as_text, earlier_attempts, once_more
from app.messages.status import ARRIVED, climbs, told_by
from app.messages.work import OnChanges
from app.models import UNSENT, Message, MessageStatus, ReceiptEntry, Store
from app.models.rows import keys_of, table_of
from app.points import Point, pass_point
from app.reasons import Reason
from app.stores.losing import lose_for_good
from app.tenancy import store_of, store_transaction

_RECEIPTS = table_of(ReceiptEntry)
_WRITE = (
    insert(_RECEIPTS)
    .on_conflict_do_nothing(index_elements=keys_of(_RECEIPTS))
    .returning(_RECEIPTS.c.receipt_key)
)
_NO = (ReceiptStatus.COMPLAINED, ReceiptStatus.UNSUBSCRIBED)
_BAD = (ReceiptStatus.COMPLAINED, ReceiptStatus.BOUNCED)


def take_receipts(
    store_id: UUID,
    provider: str,
    receipts: Sequence[Receipt],
    keys: Sequence[str],
    on_changes: OnChanges | None = None,
) -> None:
    """Take what a provider told, once each, in one transaction, with what the flows make of it."""
    with store_transaction(store_id) as session:
        changes = apply_receipts(session, provider, receipts, keys)
        if changes and on_changes is not None:
            on_changes(session, session.get_one(Store, store_id), changes)
    pass_point(Point.RECEIPTS_TAKEN)


def apply_receipts(
    session: Session, provider: str, receipts: Sequence[Receipt], keys: Sequence[str]
) -> list[Change]:
    """The same inside the caller's transaction; what it changed.

    Three passes in the order in which everybody locks: what is new, then the people, under the
    lock that `customers` takes for the store, then the messages.
    """
    # Sorted, so that two deliveries of the same receipts never wait for each other.
    ordered = sorted(receipts, key=lambda told: told.receipt_key)
    new = [receipt for receipt in ordered if _is_new(session, provider, receipt)]
    if not new:
        return []
    open_batch(session, clock.now())
    subjects = [(receipt, addressed(session, provider, receipt)) for receipt in new]
    changes: list[Change] = []
    for receipt, about in subjects:
        changes += _tell(session, (provider, receipt), about, keys)
    for receipt, about in subjects:
        _note(session, (provider, receipt), about)
    return changes


def _is_new(session: Session, provider: str, receipt: Receipt) -> bool:
    """Note the receipt; False when it was told before."""
    noted = session.scalar(
        _WRITE,
        {
            "store_id": store_of(session),
            "provider": provider,
            "receipt_key": receipt.receipt_key,
            "message_id": receipt.message_id,
            "status": receipt.status,
            "code": receipt.code,
            "occurred_at": receipt.occurred_at,
        },
    )
    return noted is not None


def _tell(
    session: Session, told: tuple[str, Receipt], about: Addressed, keys: Sequence[str]
) -> list[Change]:
    """What a receipt says about people: interest, a choice, a dead address."""
    provider, receipt = told
    changes: list[Change] = []
    if about.message is not None and receipt.status is ReceiptStatus.CLICKED:
        changes += touches.record_click(session, about.message, receipt.occurred_at, keys)
    state = _choice(receipt)
    if state is not None:
        because = {"source": provider, "receipt": receipt.receipt_key}
        choice = (ConsentChannel(about.channel), state)
        for person in about.customer_ids:
            changes += choose(session, person, choice, receipt.occurred_at, because)
    _suppress(session, receipt, about, keys)
    return changes


def _note(session: Session, told: tuple[str, Receipt], about: Addressed) -> None:
    """What a receipt says about its message and about the account."""
    provider, receipt = told
    if about.message is not None:
        session.execute(
            update(ReceiptEntry)
            .where(
                ReceiptEntry.store_id == store_of(session),
                ReceiptEntry.provider == provider,
                ReceiptEntry.receipt_key == receipt.receipt_key,
            )
            .values(message_id=about.message.message_id)
        )
        _climb(session, about.message, receipt)
    if receipt.advice is Advice.STOP_STORE:
        sentence = f"The provider stopped this account (code {receipt.code})."
        lose_for_good(session, ACCOUNT_OF[about.channel], sentence)


def _choice(receipt: Receipt) -> ConsentState | None:
    """What the person chose, if they did. A complaint is a refusal; a bounce is none."""
    if receipt.status in _NO or receipt.advice is Advice.OPT_OUT:
        return ConsentState.UNSUBSCRIBED
    if receipt.status is ReceiptStatus.RESUBSCRIBED:
        return ConsentState.SUBSCRIBED
    return None


def _suppress(session: Session, receipt: Receipt, about: Addressed, keys: Sequence[str]) -> None:
    """An address that bounced for good, or complained, gets nothing from anybody here again."""
    dead = receipt.status in _BAD or receipt.advice is Advice.BAD_ADDRESS
    if dead and about.address:
        reason = f"{receipt.status}:{receipt.code}" if receipt.code else str(receipt.status)
        customers.suppress(session, ConsentChannel(about.channel), about.address, reason, keys=keys)


def _climb(session: Session, message: Message, receipt: Receipt) -> None:
    lock_around(session, [message])
    session.refresh(message, with_for_update=True)
    status = told_by(receipt.status)
    if receipt.provider_id in earlier_attempts(message) and status not in ARRIVED:
        return  # Late news of an attempt that has failed already; another is on its way.
    message.provider_id = message.provider_id or receipt.provider_id
    if status is None or not climbs(message.status, status):
        return
    was_waiting = message.status in UNSENT
    message.status = status
    if message.reason in (Reason.NOT_CONFIRMED, Reason.NOT_REACHED):
        message.reason = Reason.SENT
    message.error_code = receipt.code if status is MessageStatus.FAILED else None
    if was_waiting:
        # The provider has it, so nothing is left to look up or to repeat.
        message.lease_until = None
    if status is MessageStatus.FAILED and receipt.advice is Advice.TRY_OTHER:
        as_text(session, message, receipt.code)
    if status is MessageStatus.FAILED and receipt.advice is Advice.TRY_LATER:
        once_more(session, message, receipt.code, receipt.retry_after)
