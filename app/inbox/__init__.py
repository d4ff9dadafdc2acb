"""Keeps every verified webhook, then turns it into facts, state and journeys."""

from app.inbox.process import process_waiting, replay, take_changes
from app.inbox.unheard import hear_out

__all__ = ["hear_out", "process_waiting", "replay", "take_changes"]
