"""The words of the set-up: what is in the merchant's account, what is missing, what was made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """In the order they are made."""

    METRIC = "metric"
    TEMPLATE = "template"
    FLOW = "flow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One object in the account. `provider_id` None: not there."""

    kind: Kind
    slug: str
    name: str
    provider_id: str | None

    def made(self, provider_id: str) -> "Piece":
        return replace(self, provider_id=provider_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is there and what would be made. Without `order_metric_id` the account has no "Placed
    Order" yet and the flows go without their second net."""

    pieces: tuple[Piece, ...]
    order_metric_id: str | None

    @property
    def missing(self) -> tuple[Piece, ...]:
        return tuple(piece for piece in self.pieces if piece.provider_id is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a step of the work stands. `left` not empty: call again after `retry_after` seconds."""

    made: tuple[Piece, ...]
    left: tuple[Piece, ...]
    retry_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneLive:
    live: tuple[str, ...]
    left: tuple[str, ...]
    retry_after: float | None


def progress(plan: Plan, made: Sequence[Piece], wait: float) -> Progress:
    """What is left of `plan` once `made` is made."""
    done = {(piece.kind, piece.slug) for piece in made}
    left = tuple(piece for piece in plan.missing if (piece.kind, piece.slug) not in done)
    return Progress(made=tuple(made), left=left, retry_after=wait if left else None)
