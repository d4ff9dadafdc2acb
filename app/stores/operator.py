"""Telling whoever runs Comeback that a store is in trouble, and that it is over.

Claimed and committed before the call, recorded after it; a repeat carries the same Message-ID or
`Comeback-Delivery`. Must never hold a transaction open while somebody else's server thinks.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import httpx
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock, mail
from app.config import Config
from app.errors import ComebackError, ConfigError, Unreachable
from app.models import OperatorCall, Store, Trouble
from app.points import Point, pass_point
from app.stores import errands
from app.stores.operator_text import Told, as_json, written
from app.tenancy import platform_transaction, store_transaction

EMAIL, WEBHOOK = "email", "webhook"
_TIMEOUT = httpx.Timeout(10.0, connect=5.0)


@dataclass(frozen=True, slots=True)
class _Due:
    """A word that is ours to bring until the lease ends."""

    call_id: UUID
    way: str
    lease_until: datetime
    told: Told


def ways_of(config: Config) -> tuple[str, ...]:
    """How the operator wants to hear of troubles."""
    return tuple(
        way
        for way, given in ((EMAIL, config.operator_email), (WEBHOOK, config.operator_webhook))
        if given
    )


def stores_in_trouble() -> list[UUID]:
    """The stores with a trouble that goes on, or with a word to bring: they are looked at even when
    they have left."""
    with platform_transaction("find stores in trouble") as session:
        going_on = select(Trouble.store_id).where(Trouble.ended_at.is_(None))
        untold = select(OperatorCall.store_id).where(OperatorCall.done_at.is_(None))
        return list(session.scalars(going_on.union(untold)))


def tell_operator(store_id: UUID, config: Config) -> int:
    """Bring what is due of one store; how many were tried."""
    with store_transaction(store_id) as session:
        due = _claim(session, store_id, clock.now())
    if due:
        pass_point(Point.OPERATOR_CLAIMED)
    for one in due:
        error = _bring(config, one)
        pass_point(Point.OPERATOR_TOLD)
        with store_transaction(store_id) as session:
            _settle(session, one, error)
        pass_point(Point.OPERATOR_RECORDED)
    return len(due)


def _bring(config: Config, due: _Due) -> str | None:
    """Why it did not arrive; None when it did."""
    try:
        if due.way == EMAIL:
            _mail(config, due)
        else:
            _post(config, due)
    except ComebackError as error:
        return str(error)
    return None


def _mail(config: Config, due: _Due) -> None:
    if not (config.operator_email and config.smtp_url):
        raise ConfigError("OPERATOR_EMAIL or SMTP_URL is not set any more")
    subject, text = written(due.told, config.public_url)
    letter = mail.Mail(key=str(due.call_id), to=config.operator_email, subject=subject, text=text)
    mail.send(config.smtp_url, config.mail_from, letter)


def _post(config: Config, due: _Due) -> None:
    if not config.operator_webhook:
        raise ConfigError("OPERATOR_WEBHOOK is not set any more")
    headers = {"Comeback-Delivery": str(due.call_id)}
    try:
        reply = httpx.post(
            config.operator_webhook, json=as_json(due.told), headers=headers, timeout=_TIMEOUT
        )
    except httpx.HTTPError as error:
        raise Unreachable(f"OPERATOR_WEBHOOK did not answer ({type(error).__name__})") from error
    if not reply.is_success:
        raise Unreachable(f"OPERATOR_WEBHOOK answered {reply.status_code}")


def _claim(session: Session, store_id: UUID, now: datetime) -> list[_Due]:
    rows = session.execute(
        select(OperatorCall, Trouble, Store)
        .join(
            Trouble,
            (Trouble.store_id == OperatorCall.store_id)
            & (Trouble.trouble_id == OperatorCall.trouble_id),
        )
        .join(Store, Store.store_id == OperatorCall.store_id)
        .where(
            OperatorCall.store_id == store_id,
            OperatorCall.done_at.is_(None),
            OperatorCall.due_at <= now,
            or_(OperatorCall.lease_until.is_(None), OperatorCall.lease_until <= now),
        )
        .order_by(OperatorCall.call_id)
        .with_for_update(of=OperatorCall, skip_locked=True)
    ).all()
    found = []
    for call, trouble, store in rows:
        lease_until = errands.take(call, now)
        told = Told(event=call.event, domain=store.domain, store_id=store_id, trouble=trouble)
        found.append(_Due(call.call_id, call.way, lease_until, told))
    return found


def _settle(session: Session, due: _Due, error: str | None) -> None:
    call = errands.still_ours(session, OperatorCall, due.call_id, due.lease_until)
    if call is not None:
        errands.settle(call, call.asked_at, error)
