"""E-mails the provider took and nobody has seen since: a flow that is a draft there, a profile it
skips, a filter of the merchant's. It says nothing of these, so time has to.

Marks and tells only. Must never send again: the mail may lie in the inbox all the same, and a
receipt that comes late still counts.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.channels import ChannelName
from app.messages.record import decide
from app.models import Flow, Message, MessageStatus
from app.reasons import Outcome, Reason
from app.stores.notices import tell
from app.tenancy import store_of

PATIENCE = timedelta(hours=48)
MOST = 500


def doubt(session: Session, now: datetime) -> int:
    """Mark what should have been confirmed by now, and tell the merchant once a flow and day."""
    rows = session.scalars(
        select(Message)
        .where(
            Message.store_id == store_of(session),
            Message.status == MessageStatus.ACCEPTED,
            Message.channel == ChannelName.EMAIL,
            Message.sent_at < now - PATIENCE,
            Message.reason.is_distinct_from(Reason.NOT_CONFIRMED),
        )
        .order_by(Message.sent_at)
        .limit(MOST)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.reason = Reason.NOT_CONFIRMED
        waited = int(PATIENCE.total_seconds()) // 3600
        decide(session, row, Outcome.UNKNOWN, Reason.NOT_CONFIRMED, {"hours": waited})
    _tell(session, rows, now)
    return len(rows)


def _tell(session: Session, rows: Sequence[Message], now: datetime) -> None:
    lost: Counter[UUID] = Counter(row.flow_id for row in rows)
    slugs = session.execute(
        select(Flow.flow_id, Flow.slug).where(
            Flow.store_id == store_of(session), Flow.flow_id.in_(lost)
        )
    )
    for flow_id, slug in slugs:
        tell(
            session,
            f"not_confirmed:{flow_id}:{now:%Y-%m-%d}",
            kind="not_confirmed",
            details={"flow": slug, "count": lost[flow_id]},
        )
