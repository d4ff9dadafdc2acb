"""What flows change: people set apart by chance, and the difference between them. Never decides
who is written to."""

from app.experiments.found import Found, Verdict
from app.experiments.keep import WITHIN, keep, kept, next_due, put_off, together, watch

__all__ = [
    "WITHIN",
    "Found",
    "Verdict",
    "keep",
    "kept",
    "next_due",
    "put_off",
    "together",
    "watch",
]
