"""Journeys: who enters, what is decided at every step, and why."""
