"""Turns facts into the state of every customer: who they are, what they agreed to and did."""

from app.customers.apply import apply
from app.customers.changes import Change, ChangeKind, Incoming
from app.customers.consent import consent_now
from app.customers.suppression import is_suppressed, suppress

__all__ = [
    "Change",
    "ChangeKind",
    "Incoming",
    "apply",
    "consent_now",
    "is_suppressed",
    "suppress",
]
