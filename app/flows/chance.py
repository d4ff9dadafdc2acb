"""Stable chance: the same person always falls on the same side, on every machine, for ever.

The number is the first eight bytes of SHA-256 over the parts joined by a slash, read as a whole
number and taken modulo 10,000: a hundredth of a percent is the finest share.
"""

import hashlib
from collections.abc import Sequence
from uuid import UUID

from app.flows.definition import Share
from app.flows.effects import Arm

_PARTS = 10_000


def point(*parts: object) -> int:
    """A number from 0 to 9,999 that belongs to these parts."""
    digest = hashlib.sha256("/".join(str(part) for part in parts).encode()).digest()
    return int.from_bytes(digest[:8], "big") % _PARTS


def arm_of(store_id: UUID, slug: str, customer_id: UUID, holdout: int) -> Arm:
    """The side of the experiment a person is on in one flow; `holdout` is percent.

    Raising the share keeps everybody who is held out already, lowering it lets some go.
    """
    held_out = point("holdout", store_id, slug, customer_id) < holdout * _PARTS // 100
    return Arm.HOLDOUT if held_out else Arm.TREATED


def variant_of(flow_id: UUID, step: str, customer_id: UUID, shares: Sequence[Share]) -> Share:
    """The variant of a split a person gets."""
    place, edge = point("split", flow_id, step, customer_id), 0
    for share in shares:
        edge += share.share * _PARTS // 100
        if place < edge:
            return share
    return shares[-1]


def way_of(shares: Sequence[float], *parts: object) -> int:
    """The place of the share, of shares that make a whole, that these parts fall into."""
    place, edge = point(*parts) / _PARTS, 0.0
    for number, share in enumerate(shares):
        edge += share
        if place < edge:
            return number
    return len(shares) - 1
