"""The calls that steps have asked for: a merchant's webhook, a tag at the shop.

No transaction is open during a call. A call may arrive twice when its answer is lost, and says so:
`Comeback-Delivery` is the same on every attempt. Must never call an address inside our network.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import requests
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app import clock
from app.errors import ComebackError, InvalidInput, Unreachable
from app.http import call as call_out
from app.models import Customer, OutboundCall, Store
from app.points import Point, pass_point
from app.reach import Reach
from app.stores import errands
from app.stores.connections import Connections
from app.stores.lasting import secret_for
from app.stores.notices import tell
from app.tenancy import store_transaction

_TIMEOUT = (5.0, 10.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """One call with what it needs to say."""

    call_id: UUID
    kind: str
    step: str
    details: Mapping[str, Any]
    person: Mapping[str, Any]
    domain: str
    asked_at: datetime
    lease_until: datetime


def signing_secret(keys: list[str], store_id: UUID) -> str:
    """What a merchant checks our calls with. No rotation changes it."""
    return secret_for(keys, store_id, "calls")


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The `Comeback-Signature` of a body sent at a moment."""
    seconds = int(at.timestamp())
    signed = f"{seconds}.".encode() + body
    return f"t={seconds},v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def call_due(store_id: UUID, connections: Connections, limit: int) -> int:
    """Make the calls of one store that are due; returns how many were tried."""
    with store_transaction(store_id) as session:
        due = _claim(session, store_id, clock.now(), limit)
    if due:
        pass_point(Point.CALLS_CLAIMED)
    for call in due:
        error: str | None = None
        helps = True
        try:
            _CALLS[call.kind](store_id, connections, call)
        except (InvalidInput, LookupError) as refused:
            error, helps = str(refused), False
        except ComebackError as failed:
            error = str(failed)
        pass_point(Point.CALL_MADE)
        with store_transaction(store_id) as session:
            _settle(session, call, error, helps)
        pass_point(Point.CALL_RECORDED)
    return len(due)


def _claim(session: Session, store_id: UUID, now: datetime, limit: int) -> list[_Due]:
    rows = session.execute(
        select(OutboundCall, Customer, Store.domain)
        .join(
            Customer,
            (Customer.store_id == OutboundCall.store_id)
            & (Customer.customer_id == OutboundCall.customer_id),
        )
        .join(Store, Store.store_id == OutboundCall.store_id)
        .where(
            OutboundCall.store_id == store_id,
            OutboundCall.done_at.is_(None),
            OutboundCall.due_at <= now,
            or_(OutboundCall.lease_until.is_(None), OutboundCall.lease_until <= now),
        )
        .order_by(OutboundCall.due_at, OutboundCall.call_id)
        .limit(limit)
        .with_for_update(of=OutboundCall, skip_locked=True)
    ).all()
    return [
        _as_due(call, customer, domain, errands.take(call, now)) for call, customer, domain in rows
    ]


def _as_due(call: OutboundCall, customer: Customer, domain: str, lease_until: datetime) -> _Due:
    person = {
        "id": str(customer.customer_id),
        "platform_key": customer.platform_key,
        "email": customer.email,
        "phone": customer.phone,
        "first_name": customer.first_name,
        "last_name": customer.last_name,
        "locale": customer.locale,
        "country": customer.country,
    }
    return _Due(
        call_id=call.call_id,
        kind=call.kind,
        step=call.step,
        details=call.details,
        person=person,
        domain=domain,
        # Version 7 ids carry the moment they were made: how long we have been trying.
        asked_at=datetime.fromtimestamp((call.call_id.int >> 80) / 1000, tz=call.due_at.tzinfo),
        lease_until=lease_until,
    )


def _webhook(store_id: UUID, connections: Connections, call: _Due) -> None:
    """POST to the merchant's address. Raises Unreachable, InvalidInput."""
    config = connections.config
    url = call.details["url"]
    # Only the status of an answer counts; nobody needs more room than this to say it.
    reach = Reach(
        field="webhook.url",
        allow_private=config.allow_private_addresses,
        seconds=20.0,
        largest=64 * 1024,
    )
    body = json.dumps(
        {
            "delivery": str(call.call_id),
            "shop": call.domain,
            "flow": call.details["flow"],
            "step": call.step,
            "customer": dict(call.person),
        }
    ).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "Comeback",
        "Comeback-Delivery": str(call.call_id),
        "Comeback-Signature": sign(signing_secret(config.keys, store_id), body, clock.now()),
    }
    try:
        answer = call_out(
            "POST",
            url,
            reach=reach,
            data=body,
            headers=headers,
            timeout=_TIMEOUT,
        )
    except requests.RequestException as error:
        raise Unreachable(f"{url} did not answer ({type(error).__name__})") from error
    if not 200 <= answer.status_code < 300:
        raise Unreachable(f"{url} answered {answer.status_code}")


def _tag(store_id: UUID, connections: Connections, call: _Due) -> None:
    key = call.person["platform_key"]
    if key is None:
        raise LookupError("The shop has no account for this person, so there is nothing to tag.")
    connections.shop(store_id).tag_customer(str(key), call.details["tag"])


_CALLS = {"webhook": _webhook, "tag": _tag}


def _settle(session: Session, due: _Due, error: str | None, helps: bool) -> None:
    """What is given up is told to the merchant."""
    call = errands.still_ours(session, OutboundCall, due.call_id, due.lease_until)
    if call is not None and errands.settle(call, due.asked_at, error, helps):
        flow = due.details["flow"]
        key = f"call:{call.kind}:{flow}:{call.step}:{clock.now().date()}"
        tell(session, key, kind="call_failed", details={"flow": flow, "error": error})
