"""What a look at the truth may say about a message, and the values that were compared."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.reasons import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """It may be sent now, on this legal basis."""

    basis: str
    valid_for_seconds: int
    compared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Not now: again at `until`. A move past the deadline becomes a hold."""

    reason: Reason
    until: datetime
    compared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Never. `exits`: the journey has lost its point as well."""

    reason: Reason
    compared: Mapping[str, Any] = field(default_factory=dict)
    exits: bool = False


Verdict = Go | Move | Hold
