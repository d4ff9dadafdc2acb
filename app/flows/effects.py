"""What a decision asks for, and the record of why. Plain values: nothing here acts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from app.channels import ChannelName
from app.flows.definition import Translated
from app.reasons import Outcome, Reason


class Arm(StrEnum):
    """HOLDOUT is decided about like the others and never written to by the flow."""

    TREATED = "treated"
    HOLDOUT = "holdout"


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyView:
    """A journey as a decision sees it. `step_since` is when the step was due to begin."""

    journey_id: UUID
    flow_id: UUID
    customer_id: UUID
    arm: str
    step: str | None
    step_since: datetime
    entered_at: datetime
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferState:
    """How far the shop is with a code this journey has asked for."""

    status: str
    expires_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """The shares of a trial now, by way; empty while they are equal."""

    shares: Mapping[str, float]
    day: date | None
    made_at: datetime | None


NO_WAVE = Wave({}, None, None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What is neither the person nor the journey: codes in the making, the person's time zone, and
    how many answers each hour of the day has had of the store's people; by step the wave of a trial
    and the way this person was drawn into before."""

    timezone: str
    answers: tuple[int, ...] = ()
    offers: Mapping[str, OfferState] = field(default_factory=dict)
    waves: Mapping[str, Wave] = field(default_factory=dict)
    drawn: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """`hour`: how the hour was chosen, right after a wait for the best one (`flows.best_hour`)."""

    step: str
    channel: ChannelName
    message: str
    commercial: bool
    due_at: datetime
    deadline_at: datetime
    offer: str | None
    hour: Mapping[str, Any] | None = None
    variant: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WantOffer:
    """Neither `percent` nor `amount_minor`: free shipping."""

    step: str
    name: str
    percent: int | None
    amount_minor: int | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeTask:
    step: str
    title: Translated
    script: Translated
    owner: str
    due_at: datetime
    holds_promotions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    step: str
    text: Translated


@dataclass(frozen=True, slots=True, kw_only=True)
class Tag:
    step: str
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    step: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """Remember the way a person was drawn into, by the wave of `day`."""

    step: str
    way: str
    day: date | None


Effect = Send | WantOffer | MakeTask | Notify | Tag | Call | Draw


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveTo:
    """Look again at `due_at`. `since` is when the step was due to begin."""

    step: str
    since: datetime
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """`left` True: a rule ended it, and what it had planned is held. Otherwise it ran its course,
    and its last message still goes."""

    reason: Reason
    left: bool = False
    converted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of the decision record. `compared` is safe to store as JSON."""

    step: str | None
    outcome: Outcome
    reason: Reason
    compared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Everything one look at a journey comes to. `context` is what the journey remembers now."""

    effects: tuple[Effect, ...]
    records: tuple[Record, ...]
    next: MoveTo | End
    context: Mapping[str, Any]
