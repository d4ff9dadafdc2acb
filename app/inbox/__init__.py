"""Keeps every verified webhook, then turns it into facts, state and journeys."""
