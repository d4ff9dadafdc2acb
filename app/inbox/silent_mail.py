"""E-mails that nobody would get: a flow of ours whose counterpart in Klaviyo is missing or a draft.

Klaviyo takes their events and answers that all is well. Reads there, changes nothing.
"""

from uuid import UUID

from sqlalchemy.orm import Session

from app import clock
from app.errors import ComebackError
from app.flows.versions import known_flow, list_flows
from app.flows.wishes import email_wishes
from app.models import FlowStatus
from app.stores import lifecycle
from app.stores.connections import Connections
from app.stores.cursors import keep_cursor, read_cursor
from app.stores.notices import tell
from app.tenancy import store_transaction

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
        keep_cursor(session, _NAME, names)
        if names:
            key = f"mail_silent:{clock.now():%Y-%m-%d}"
            tell(session, key, kind="mail_silent", details={"flows": ", ".join(names)})


def known_silent(session: Session) -> list[str] | None:
    """What the last look found; None before the first."""
    found: list[str] | None = read_cursor(session, _NAME)
    return found
