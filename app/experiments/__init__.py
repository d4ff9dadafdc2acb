"""What flows change, and which of several ways changes more: people set apart by chance, and the
difference between them. Never decides who is written to."""

from app.experiments.found import Found, Verdict
from app.experiments.keep import (
    WITHIN,
    keep,
    kept,
    next_due,
    put_off,
    suspects,
    together,
    watch,
)
from app.experiments.trial import Learning, Reward, Trial, TrialFound, Winner
from app.experiments.waves import found_of, newest

__all__ = [
    "WITHIN",
    "Found",
    "Learning",
    "Reward",
    "Trial",
    "TrialFound",
    "Verdict",
    "Winner",
    "found_of",
    "keep",
    "kept",
    "newest",
    "next_due",
    "put_off",
    "suspects",
    "together",
    "watch",
]
