"""What each way of a trial has brought, counted from the messages themselves: so a reward that
comes late, twice or out of order changes nothing else."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.experiments.trial import Count, Reward, Trial
from app.models import MessageStatus
from app.models.rows import listed
from app.tenancy import store_of

_BOUGHT = """EXISTS (
    SELECT FROM orders
    WHERE orders.store_id = :store AND orders.customer_id = draws.customer_id
        AND counts AND deleted_at IS NULL
        AND placed_at - first.sent_at > interval '0' AND placed_at - first.sent_at <= :within
)"""
# By differences, which no index knows: else all orders of those days may be read for each person.
_REWARDED = {
    Reward.CLICKS: "first.clicked_at <= first.sent_at + :within",
    Reward.ORDERS: _BOUGHT,
}
_COUNTS = """
    SELECT way, count(*), count(first.sent_at), count(*) FILTER (WHERE is_over),
        count(*) FILTER (WHERE is_over AND {rewarded})
    FROM draws
    LEFT JOIN LATERAL (
        SELECT sent_at, clicked_at, sent_at <= :until AS is_over
        FROM messages
        WHERE messages.store_id = :store AND messages.customer_id = draws.customer_id
            AND messages.flow_id = :flow AND messages.step = ANY(CAST(:sends AS text[]))
            AND status = ANY(CAST(:arrived AS text[]))
            AND (messages.step <> draws.step OR way = coalesce(variant, way))
            AND planned_at >= drawn_at AND sent_at IS NOT NULL
        ORDER BY sent_at, message_id
        LIMIT 1
    ) AS first ON true
    WHERE draws.store_id = :store AND draws.flow_id = :flow AND draws.step = :step
    GROUP BY way
"""
_STATEMENTS = {
    reward: text(_COUNTS.format(rewarded=rewarded)) for reward, rewarded in _REWARDED.items()
}
_ARRIVED = (MessageStatus.DELIVERED, MessageStatus.READ)


def count_ways(session: Session, trial: Trial, now: datetime) -> dict[str, Count]:
    """By way. Only what was delivered counts, and its reward only when its time is over: to credit
    an answer before would make the way look better that is answered sooner."""
    asked = {
        "store": store_of(session),
        "flow": trial.flow_id,
        "step": trial.step,
        "sends": listed(trial.sends),
        "arrived": listed(_ARRIVED),
        "within": trial.learning.within,
        "until": now - trial.learning.within,
    }
    rows = session.execute(_STATEMENTS[trial.learning.reward], asked)
    found = {row[0]: Count(*row[1:]) for row in rows}
    return {way: found.get(way, Count()) for way in trial.ways}
