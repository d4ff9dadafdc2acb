"""What a year of a flow leaves behind for everybody of a store, made by the database itself."""

from uuid import UUID

import psycopg
from sqlalchemy import select

from app.models import Flow
from app.tenancy import store_transaction
from tests.benchmarks.crowd import ID
from tests.benchmarks.ground import NOON

FLOW = "abandoned-cart"

_JOURNEY, _MESSAGE = (ID.replace("-8000-", f"-{part}-") for part in ("8001", "8002"))
_AT = "(%(noon)s::timestamptz - make_interval(mins => 30 + n * 37 %% 525600))"
_JOURNEYS = f"""
    INSERT INTO journeys (store_id, journey_id, flow_id, version, customer_id, entry_key, arm,
        status, step_since, context, entered_at, ended_at, end_reason, converted_at)
    SELECT %(store)s, {_JOURNEY}, %(flow)s, 1, {ID}, 'past',
        CASE WHEN n %% 10 = 0 THEN 'holdout' ELSE 'treated' END, 'exited', {_AT}, '{{}}', {_AT},
        {_AT}, 'already_ordered', CASE WHEN n %% 4 = 0 THEN {_AT} END
    FROM generate_series(1, %(count)s) AS n
"""
_MESSAGES = f"""
    INSERT INTO messages (store_id, message_id, journey_id, flow_id, version, step, customer_id,
        channel, name, purpose, commercial, basis, status, locale, subject, body, context,
        planned_at, due_at, moved, attempts, sent_at, clicked_at)
    SELECT %(store)s, {_MESSAGE}, {_JOURNEY}, %(flow)s, 1, 'first', {ID}, 'email', 'reminder',
        'cart', true, 'consent', 'delivered', 'it', 'Il tuo carrello', 'Ti aspetta.', '{{}}',
        {_AT}, {_AT}, 0, 1, {_AT}, CASE WHEN n %% 7 = 0 THEN {_AT} END
    FROM generate_series(1, %(count)s) AS n WHERE n %% 10 <> 0
"""
_DECISIONS = f"""
    INSERT INTO decisions (store_id, decision_id, customer_id, flow_id, version, journey_id, step,
        outcome, reason, compared, decided_at)
    SELECT %(store)s, uuidv7(), {ID}, %(flow)s, 1, {_JOURNEY}, 'first', told.outcome, told.reason,
        '{{}}', {_AT}
    FROM generate_series(1, %(count)s) AS n,
        (VALUES ('entered', 'entered'), ('done', 'sent'), ('ended', 'already_ordered'))
            AS told (outcome, reason)
"""
_TABLES = "journeys, messages, decisions"


def live_through(owner_url: str, store_id: UUID, count: int) -> tuple[str, str]:
    """Everybody of `crowd.populate` has been in the cart flow once, and nine in ten were written
    to. The ids of a person and of a message."""
    with store_transaction(store_id) as session:
        flow_id = session.scalars(select(Flow.flow_id).where(Flow.slug == FLOW)).one()
    given = {"store": store_id, "count": count, "noon": NOON, "flow": flow_id}
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        for statement in (_JOURNEYS, _MESSAGES, _DECISIONS):
            connection.execute(statement, given)
        connection.execute(f"ANALYZE {_TABLES}")
        found = connection.execute(
            "SELECT customer_id, message_id FROM messages WHERE store_id = %s LIMIT 1", [store_id]
        ).fetchone()
    assert found is not None
    return str(found[0]), str(found[1])
