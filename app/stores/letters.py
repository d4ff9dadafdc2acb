"""Bringing notices to people of the store who are not looking: one e-mail for all that are new.

The page stays the truth. A letter that a mail server does not take for a day is given up, and its
notices are still there. Must never hold a transaction open while a server thinks.

A server can take a letter and lose its answer, and nobody can ask it afterwards. We send again with
the same Message-ID: a notice read twice does less harm than a lost shop nobody heard of.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select, update
from sqlalchemy.orm import Session

from app import clock, mail
from app.config import Config
from app.errors import InvalidInput, Unreachable
from app.models import Letter, Notice, Store, StoreStatus
from app.points import Point, pass_point
from app.stores import errands
from app.stores.letter_text import written
from app.stores.settings import read_settings
from app.tenancy import platform_transaction, store_transaction

EVERY = timedelta(minutes=10)
NEW_FOR = timedelta(days=1)
"""What is older has been on the page long enough; a server set up today does not mail it all."""


@dataclass(frozen=True, slots=True)
class _Due:
    """A letter that is ours to send until the lease ends."""

    letter_id: UUID
    lease_until: datetime
    mail: mail.Mail


def notify_address(store: Store) -> str | None:
    """Where notices go: where the merchant said, else to the shop's own address, or nowhere."""
    chosen = read_settings(store.settings).notify_email
    return (store.contact_email if chosen is None else chosen) or None


def stores_with_news() -> list[UUID]:
    """The stores with a notice nobody was written of, or with a letter to try again."""
    now = clock.now()
    with platform_transaction("find stores with notices to mail") as session:
        new = select(Notice.store_id).where(*_untold(now))
        due = select(Letter.store_id).where(Letter.done_at.is_(None), Letter.due_at <= now)
        return list(session.scalars(new.union(due)))


def send_letters(store_id: UUID, config: Config) -> int:
    """Send the letter of one store that is due, if there is one; how many were tried."""
    if not config.smtp_url:
        return 0
    with store_transaction(store_id) as session:
        due = _claim(session, config, clock.now())
    if due is None:
        return 0
    pass_point(Point.LETTER_CLAIMED)
    error, helps = None, True
    try:
        mail.send(config.smtp_url, config.mail_from, due.mail)
    except InvalidInput as refused:
        error, helps = refused.problem, False
    except Unreachable as failed:
        error = str(failed)
    pass_point(Point.LETTER_SENT)
    with store_transaction(store_id) as session:
        _settle(session, due, error, helps)
    pass_point(Point.LETTER_RECORDED)
    return 1


def _untold(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Notice.letter_id.is_(None),
        Notice.seen_at.is_(None),
        Notice.created_at > now - NEW_FOR,
    )


def _claim(session: Session, config: Config, now: datetime) -> _Due | None:
    """The store's one open letter, or a new one if it is time. The store's row is the lock."""
    # FOR NO KEY UPDATE: nobody who only adds a row to the store has to wait.
    store = session.scalars(select(Store).with_for_update(key_share=True)).one()
    letter = _open_letter(session, store)
    address = notify_address(store) if store.status == StoreStatus.ACTIVE else None
    if address is None:
        if letter is not None:
            letter.done_at, letter.error = now, "there is nobody to write to any more"
        return None
    letter = letter or _new_letter(session, store, now)
    if letter is None or letter.due_at > now or (letter.lease_until or now) > now:
        return None
    notices = _notices_of(session, letter)
    if not notices:
        letter.done_at = now  # Everything in it has been read on the page, or forgotten.
        return None
    lease_until = errands.take(letter, now)
    subject, text = written(config, store, notices)
    ready = mail.Mail(key=str(letter.letter_id), to=address, subject=subject, text=text)
    return _Due(letter.letter_id, lease_until, ready)


def _open_letter(session: Session, store: Store) -> Letter | None:
    return session.scalars(
        select(Letter)
        .where(Letter.store_id == store.store_id, Letter.done_at.is_(None))
        .order_by(Letter.letter_id)
        .limit(1)
    ).one_or_none()


def _new_letter(session: Session, store: Store, now: datetime) -> Letter | None:
    """A letter about everything new, unless there was one a moment ago."""
    recent = exists().where(Letter.store_id == store.store_id, Letter.done_at > now - EVERY)
    new = (Notice.store_id == store.store_id, *_untold(now))
    if session.scalar(select(recent)) or not session.scalar(select(exists().where(*new))):
        return None
    letter = Letter(store_id=store.store_id, written_at=now, due_at=now, attempts=0)
    session.add(letter)
    session.flush()  # Its notices name it.
    session.execute(update(Notice).where(*new).values(letter_id=letter.letter_id))
    return letter


def _notices_of(session: Session, letter: Letter) -> Sequence[Notice]:
    """Those nobody has seen on the page in the meantime, oldest first."""
    return session.scalars(
        select(Notice)
        .where(
            Notice.store_id == letter.store_id,
            Notice.letter_id == letter.letter_id,
            Notice.seen_at.is_(None),
        )
        .order_by(Notice.created_at, Notice.notice_id)
    ).all()


def _settle(session: Session, due: _Due, error: str | None, helps: bool) -> None:
    letter = errands.still_ours(session, Letter, due.letter_id, due.lease_until)
    if letter is not None:
        errands.settle(letter, letter.written_at, error, helps)
