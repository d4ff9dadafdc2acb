"""Reading how a store is: a few small questions to partial indexes, never a count of a table.

Changes nothing. What the facts mean is said in `inbox.findings`.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta

from redis.exceptions import RedisError
from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app import clock, experiments
from app.inbox.clocks import ClockReading, known_clocks
from app.inbox.facts import Broken, Calls, Facts, Waiting
from app.inbox.hearing import heartbeats, rhythm_of
from app.inbox.looks import looks
from app.inbox.pulse import Heard, take_pulses
from app.inbox.readings import readings
from app.inbox.silent_mail import known_silent
from app.models import (
    UNSENT,
    Credential,
    Decision,
    Journey,
    JourneyStatus,
    Letter,
    Message,
    MessageStatus,
    Trouble,
    Webhook,
    WebhookStatus,
)
from app.reasons import Outcome, Reason
from app.stores import backfill, lifecycle
from app.stores.settings import read_settings
from app.tenancy import store_of

_Moment = InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None]
_PUT_OFF = (Reason.CHANNEL_BROKEN, Reason.PROVIDER_BUSY, Reason.SHOP_UNREACHABLE)
"""A message is put off again and again for these: it waits, though its time is ever to come."""
_NOT_TAKEN = (
    *(Reason.PROVIDER_REFUSED, Reason.PROVIDER_BUSY, Reason.CHANNEL_BROKEN),
    *(Reason.RESULT_UNKNOWN, Reason.OUR_DEFECT),
)
_WINDOW = timedelta(hours=1)
_MOST_CALLS = 2000
_LETTER_DAYS = timedelta(days=3)


def read_facts(session: Session) -> Facts:
    """Everything the findings need of one store."""
    now, store_id = clock.now(), store_of(session)
    inbox = _waiting(session, Webhook.received_at, *_webhooks(session, WebhookStatus.WAITING))
    read = readings(session)
    heard = [
        Heard(topic=row.topic, last_at=row.last_at, rhythm=rhythm_of(row))
        for row in heartbeats(session)
    ]
    due = (
        Journey.store_id == store_id,
        Journey.status == JourneyStatus.ACTIVE,
        Journey.due_at <= now,
    )
    return Facts(
        now=now,
        pace=clock.pace(),
        clocks=clocks_if_told(),
        broken=_broken(session),
        looks=looks(session),
        pulses=take_pulses(heard, read, inbox.since or now, now),
        readings=read,
        inbox=inbox,
        failed=_waiting(session, Webhook.received_at, *_webhooks(session, WebhookStatus.FAILED)),
        steps=_waiting(session, Journey.due_at, *due),
        waiting={channel: row.count for channel, row in _messages(session, now, held=True).items()},
        late=_messages(session, now, held=False),
        calls=_calls(session, now),
        silent_mail=known_silent(session) or (),
        stopped=_stopped(session),
        letters=_letters(session),
        begun=_begun(session),
        suspects=experiments.suspects(session),
        low_balance=read_settings(lifecycle.this_store(session).settings).low_balance,
    )


def clocks_if_told() -> Sequence[ClockReading]:
    """Nothing while Valkey is away: then nobody works by any clock."""
    with suppress(RedisError):
        return known_clocks()
    return ()


def _webhooks(session: Session, status: WebhookStatus) -> tuple[ColumnElement[bool], ...]:
    return Webhook.store_id == store_of(session), Webhook.status == status


def _waiting(session: Session, moment: _Moment, *conditions: ColumnElement[bool]) -> Waiting:
    count, since = session.execute(select(func.count(), func.min(moment)).where(*conditions)).one()
    return Waiting(count, since)


def _broken(session: Session) -> Sequence[Broken]:
    rows = session.execute(
        select(Credential.kind, Credential.broken_since, Credential.broken_reason).where(
            Credential.store_id == store_of(session), Credential.broken_since.is_not(None)
        )
    )
    return [Broken(kind, since, problem or "") for kind, since, problem in rows if since]


def _messages(session: Session, now: datetime, *, held: bool) -> Mapping[str, Waiting]:
    """By channel, what should have gone by now; with `held`, what is put off as well."""
    put_off = and_(Message.status == MessageStatus.PLANNED, Message.reason.in_(_PUT_OFF))
    is_due = Message.due_at <= now
    rows = session.execute(
        select(Message.channel, func.count(), func.min(Message.due_at))
        .where(
            Message.store_id == store_of(session),
            Message.status.in_(UNSENT),
            or_(is_due, put_off) if held else is_due,
        )
        .group_by(Message.channel)
    )
    return {channel: Waiting(count, since) for channel, count, since in rows}


def _calls(session: Session, now: datetime) -> Sequence[Calls]:
    """The latest calls of the last hour, and how many the provider did not take."""
    latest = _latest_calls(session, now).subquery()
    failed = latest.c.outcome != Outcome.SENT
    rows = session.execute(
        select(
            latest.c.channel,
            func.count(),
            func.count().filter(failed),
            func.min(latest.c.decided_at).filter(failed),
        ).group_by(latest.c.channel)
    )
    return [Calls(channel, made, bad, since or now) for channel, made, bad, since in rows]


def _latest_calls(session: Session, now: datetime) -> Select[tuple[str, str, datetime]]:
    return (
        select(
            Decision.compared["channel"].astext.label("channel"),
            Decision.outcome,
            Decision.decided_at,
        )
        .where(
            Decision.store_id == store_of(session),
            Decision.decided_at > now - _WINDOW,
            Decision.message_id.is_not(None),
            or_(Decision.outcome == Outcome.SENT, Decision.reason.in_(_NOT_TAKEN)),
        )
        .order_by(Decision.decided_at.desc())
        .limit(_MOST_CALLS)
    )


def _stopped(session: Session) -> Sequence[tuple[str, str]]:
    return [
        (row.resource, row.error or "")
        for row in backfill.progress(session)
        if row.status == "stopped"
    ]


def _begun(session: Session) -> Mapping[tuple[str, str], datetime]:
    rows = session.execute(
        select(Trouble.code, Trouble.subject, Trouble.began_at).where(
            Trouble.store_id == store_of(session), Trouble.ended_at.is_(None)
        )
    )
    return {(code, subject): began_at for code, subject, began_at in rows}


def _letters(session: Session) -> Broken | None:
    """Why the latest e-mail with notices is not there; an old one has been given up."""
    latest = session.scalars(
        select(Letter)
        .where(Letter.store_id == store_of(session), Letter.written_at > clock.now() - _LETTER_DAYS)
        .order_by(Letter.written_at.desc())
        .limit(1)
    ).one_or_none()
    if latest is None or not latest.attempts or latest.error is None:
        return None
    return Broken("letters", latest.written_at, latest.error)
