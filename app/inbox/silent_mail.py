"""E-mails that nobody would get: a flow of ours whose counterpart in Klaviyo is missing or a draft.

Klaviyo takes their events and answers that all is well. Reads there, changes nothing.
"""

import json
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.errors import ComebackError
from app.flows.versions import known_flow, list_flows
from app.flows.wishes import email_wishes
from app.models import FlowStatus, PollCursor
from app.stores import lifecycle
from app.stores.connections import Connections
from app.stores.notices import tell
from app.tenancy import store_of, store_transaction

_NAME = "silent_mail"


def silent_flows(store_id: UUID, connections: Connections, slug: str | None = None) -> list[str]:
    """Our active flows, or the one named, whose e-mails Klaviyo would not send, by its names there.

    Raises Unreachable, AccessLost.
    """
    with store_transaction(store_id) as session:
        store = lifecycle.this_store(session)
        lines = [
            line
            for line in list_flows(session, store)
            if line.slug == slug or (slug is None and line.status == FlowStatus.ACTIVE)
        ]
        known = [known_flow(session, store, line.slug) for line in lines]
    wishes = [wish for flow in known for wish in email_wishes(flow.definition)]
    if not wishes:
        return []
    setup = connections.klaviyo_setup(store_id)
    return [wish.slug for wish in wishes] if setup is None else list(setup.silent(wishes))


def look_for_silence(store_id: UUID, connections: Connections) -> None:
    """Remember for the first page what would not be sent; tell it once a day."""
    try:
        names = silent_flows(store_id, connections)
    except ComebackError:
        return  # The channel's own trouble is told by the channel.
    with store_transaction(store_id) as session:
        values = {"cursor": json.dumps(names), "read_at": clock.now()}
        session.execute(
            insert(PollCursor)
            .values(store_id=store_id, name=_NAME, **values)
            .on_conflict_do_update(index_elements=["store_id", "name"], set_=values)
        )
        if names:
            key = f"mail_silent:{clock.now():%Y-%m-%d}"
            tell(session, key, kind="mail_silent", details={"flows": ", ".join(names)})


def known_silent(session: Session) -> list[str] | None:
    """What the last look found; None before the first."""
    row = session.get(PollCursor, (store_of(session), _NAME))
    found: list[str] | None = json.loads(row.cursor) if row else None
    return found
