"""Discount codes: one for a person and a journey, made at the shop before anyone is told."""

from app.offers.ending import close_gone, let_go, mark_used, revoke_for, sweep
from app.offers.mint import mint_due
from app.offers.want import OfferSpec, want

__all__ = [
    "OfferSpec",
    "close_gone",
    "let_go",
    "mark_used",
    "mint_due",
    "revoke_for",
    "sweep",
    "want",
]
