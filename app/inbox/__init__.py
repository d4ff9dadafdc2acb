"""Keeps every verified webhook, then turns it into facts, state and journeys."""

from app.inbox.process import process_waiting, replay, take_changes

__all__ = ["process_waiting", "replay", "take_changes"]
