"""What providers tell, taken in one transaction with everything it sets off."""

from collections.abc import Sequence
from uuid import UUID

from app import messages
from app.channels import Inbound, Receipt
from app.config import Config
from app.inbox.process import take_changes
from app.stores.connections import Connections


def take(store_id: UUID, provider: str, told: Sequence[Receipt | Inbound], config: Config) -> None:
    """A callback's receipts and replies; a repeat changes nothing."""
    receipts = [entry for entry in told if isinstance(entry, Receipt)]
    messages.take_receipts(store_id, provider, receipts, config.keys, take_changes)
    for entry in told:
        if isinstance(entry, Inbound):
            messages.take_inbound(store_id, entry, config.keys, take_changes)


def poll(store_id: UUID, connections: Connections) -> int:
    """Read on where each provider was left. Always 0, so that one nudge is one poll: what is read
    overlaps with what was read, and a drain that went on until nothing came would never end."""
    messages.poll_receipts(store_id, connections, take_changes)
    return 0
