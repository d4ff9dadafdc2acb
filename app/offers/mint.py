"""Making codes at the shop, and unmaking them, with no transaction open during the call.

Safe to kill at any line: the row says what is wanted, and the shop gives the same code for the
same request. Must never show a code to anybody before the shop has it.
"""

from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app import clock
from app.backoff import backoff
from app.errors import AccessLost, Unreachable
from app.jobs import nudge_after_commit
from app.models import Customer, Decision, Flow, Journey, JourneyStatus, Offer, Store
from app.offers.codes import new_code
from app.platforms import CodeCreated, CodeRefused, CodeRequest, Shop
from app.points import Point, pass_point
from app.reasons import Outcome, Reason
from app.tenancy import store_transaction

LEASE = timedelta(minutes=5)
FIRST_RETRY = timedelta(seconds=30)
LONGEST_RETRY = timedelta(hours=1)
AFTER_ACCESS_LOST = timedelta(minutes=30)
_STEPS = "steps"


class Shops(Protocol):
    """The part of `stores.Connections` that this room needs."""

    def shop(self, store_id: UUID) -> Shop: ...


def mint_due(store_id: UUID, connections: Shops, limit: int) -> int:
    """Make or revoke up to `limit` codes that are due; how many were looked at."""
    with store_transaction(store_id) as session:
        work = _claim(session, store_id, clock.now(), limit)
    if work:
        pass_point(Point.OFFERS_CLAIMED)
    for offer, request in work:
        _work_on(store_id, connections, offer, request)
    return len(work)


def _claim(
    session: Session, store_id: UUID, now: datetime, limit: int
) -> list[tuple[Offer, CodeRequest]]:
    rows = session.execute(
        select(Offer, Customer.platform_key, Flow.slug)
        .join(
            Customer,
            (Customer.store_id == Offer.store_id) & (Customer.customer_id == Offer.customer_id),
        )
        .join(
            Journey,
            (Journey.store_id == Offer.store_id) & (Journey.journey_id == Offer.journey_id),
        )
        .join(Flow, (Flow.store_id == Journey.store_id) & (Flow.flow_id == Journey.flow_id))
        .where(
            Offer.store_id == store_id,
            Offer.due_at <= now,
            or_(Offer.lease_until.is_(None), Offer.lease_until <= now),
        )
        .order_by(Offer.due_at)
        .limit(limit)
        .with_for_update(of=Offer, skip_locked=True)
    ).all()
    for offer, _, _ in rows:
        offer.lease_until = now + LEASE
        offer.attempts += 1
    return [(offer, _request(offer, key, slug)) for offer, key, slug in rows]


def _request(offer: Offer, platform_customer_key: str | None, slug: str) -> CodeRequest:
    return CodeRequest(
        code=offer.code,
        title=f"Comeback {slug} {offer.code}",
        percent=offer.percent,
        amount_minor=offer.amount_minor,
        currency=offer.currency,
        starts_at=offer.created_at,
        expires_at=offer.expires_at,
        platform_customer_key=platform_customer_key,
    )


def _work_on(store_id: UUID, connections: Shops, offer: Offer, request: CodeRequest) -> None:
    try:
        shop = connections.shop(store_id)
        if offer.status == "wanted":
            answer = shop.create_code(request)
        else:
            _unmake(shop, offer, request)
            answer = None
    except (Unreachable, AccessLost) as error:
        with store_transaction(store_id) as session:
            _later(session, offer, error)
        return
    pass_point(Point.CODE_MADE)
    with store_transaction(store_id) as session:
        _record(session, offer, answer)
    pass_point(Point.CODE_RECORDED)


def _unmake(shop: Shop, offer: Offer, request: CodeRequest) -> None:
    """Revoke a code that may have been made by an attempt that never came back."""
    key = offer.platform_key
    if key is None and offer.attempts > 1:
        made = shop.create_code(request)
        key = made.platform_key if isinstance(made, CodeCreated) else None
    if key is not None:
        shop.revoke_code(key)


def _record(session: Session, offer: Offer, answer: CodeCreated | CodeRefused | None) -> None:
    row = _locked(session, offer)
    if row is None or row.lease_until != offer.lease_until:
        return  # Erased meanwhile, or another worker took over after our lease.
    row.lease_until = None
    if answer is None:
        row.due_at = None
    elif isinstance(answer, CodeCreated):
        row.platform_key = answer.platform_key
        if row.status == "wanted":
            row.status, row.due_at = "live", None
            _wake(session, row)
        # Otherwise it was revoked while it was being made: still due, and unmade by the next drain.
    elif answer.taken and row.status == "wanted":
        store = session.scalars(select(Store).where(Store.store_id == row.store_id)).one()
        row.code, row.due_at = new_code(store.name), clock.now()
    else:
        _refuse(session, row, answer)


def _refuse(session: Session, row: Offer, answer: CodeRefused) -> None:
    row.due_at = None
    if row.status != "wanted":
        return
    row.status, row.reason, row.reserved_minor = "refused", Reason.OFFER_REFUSED, 0
    journey = session.get(Journey, (row.store_id, row.journey_id))
    if journey is not None:
        session.add(
            Decision(
                store_id=row.store_id,
                customer_id=row.customer_id,
                flow_id=journey.flow_id,
                version=journey.version,
                journey_id=row.journey_id,
                step=journey.step,
                outcome=Outcome.REFUSED,
                reason=Reason.OFFER_REFUSED,
                compared={"offer": row.name, "code": row.code, "shop_says": answer.reason},
            )
        )
    _wake(session, row)


def _wake(session: Session, row: Offer) -> None:
    """The journey waits for this answer: let it look now."""
    session.execute(
        update(Journey)
        .where(
            Journey.store_id == row.store_id,
            Journey.journey_id == row.journey_id,
            Journey.status == JourneyStatus.ACTIVE,
        )
        .values(due_at=clock.now())
    )
    nudge_after_commit(session, _STEPS, row.store_id)


def _later(session: Session, offer: Offer, error: Unreachable | AccessLost) -> None:
    row = _locked(session, offer)
    if row is not None and row.lease_until == offer.lease_until:
        row.lease_until = None
        row.due_at = clock.now() + _delay(row.attempts, error)


def _delay(attempts: int, error: Unreachable | AccessLost) -> timedelta:
    if isinstance(error, AccessLost):
        return AFTER_ACCESS_LOST
    usual = backoff(attempts, FIRST_RETRY, LONGEST_RETRY)
    return max(usual, timedelta(seconds=error.retry_after or 0))


def _locked(session: Session, offer: Offer) -> Offer | None:
    """The fresh row; its journey first, in the order in which everybody locks."""
    session.execute(
        select(Journey.journey_id)
        .where(Journey.store_id == offer.store_id, Journey.journey_id == offer.journey_id)
        .with_for_update(key_share=True)
    )
    return session.scalars(
        select(Offer)
        .where(Offer.store_id == offer.store_id, Offer.offer_id == offer.offer_id)
        .with_for_update()
    ).one_or_none()
