"""A flow as the engine sees it: immutable, and its steps a flat graph, so that a decision is one
look-up. The file format is `docs/flows.md`; `load` turns one into the other.

Nothing here reads a file, a clock or a database.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from enum import StrEnum
from typing import Any, Literal

from app.channels import ChannelName
from app.experiments import Learning
from app.languages import LANGUAGES
from app.segments import Condition

DEFAULT_DEADLINE = timedelta(days=3)
Translated = Mapping[str, str]


class Purpose(StrEnum):
    """Why a flow writes at all. The law of a message and what a purchase ends depend on it."""

    CART = "cart"
    WELCOME = "welcome"
    POST_SALE = "post_sale"
    UPSELL = "upsell"
    REFERRAL = "referral"
    WIN_BACK = "win_back"
    RE_ENGAGEMENT = "re_engagement"
    SURVEY = "survey"
    SERVICE = "service"
    NURTURE = "nurture"


class Clock(StrEnum):
    """From where a duration is counted: the step's own beginning, or the journey's."""

    STEP = "step"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventTrigger:
    """`where` looks at the event as well as at the person."""

    event: str
    where: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentTrigger:
    """The moment a person begins to match the condition; with `left`, ceases to."""

    condition: Condition
    left: bool = False


SignOfLife = Literal["last_order", "last_active"]
FirstTime = Literal["first_order", "first_seen"]


@dataclass(frozen=True, slots=True, kw_only=True)
class InactivityTrigger:
    """`days` without a sign of life of the kind `since` names, once for each silence."""

    days: int
    since: SignOfLife


@dataclass(frozen=True, slots=True, kw_only=True)
class DateTrigger:
    """A day of the calendar, or every year the day of a person's own."""

    on: date | None
    anniversary_of: FirstTime | None
    at: time


Trigger = EventTrigger | SegmentTrigger | InactivityTrigger | DateTrigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Reentry:
    """`after` None with `once` False: always. Counted from the beginning of the last journey."""

    once: bool
    after: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRule:
    """A goal, or an exit by something a person does."""

    event: str
    where: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WhenRule:
    """An exit by what a person is. `reason` is the value of a `Reason`."""

    when: Condition
    reason: str


Exit = EventRule | WhenRule


@dataclass(frozen=True, slots=True, kw_only=True)
class _Step:
    """`line` is where it stands in the file; `next` None is the end of the journey."""

    id: str
    line: int
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitFor(_Step):
    duration: timedelta
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitUntil(_Step):
    """Until this time of the recipient's day."""

    at: time


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitBest(_Step):
    """Until that of these whole hours of the recipient's day at which they answer most."""

    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitEvent(_Step):
    """Until `event`, or at most `timeout`. `then` and `otherwise` are where each continues."""

    event: str
    where: Condition | None
    timeout: timedelta
    clock: Clock
    then: str | None
    otherwise: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Send(_Step):
    """`deadline` is how long after it is due the message is still useful, `offer` its code,
    `learning` how the variants of its text are told apart."""

    channel: ChannelName
    message: str
    commercial: bool
    deadline: timedelta | None
    offer: str | None
    learning: Learning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way out of a branch. `when` None is what is left."""

    when: Condition | None
    to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch(_Step):
    ways: tuple[Way, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One variant of a split and how much of a hundred it gets, 0 where that is learnt."""

    name: str
    share: int
    to: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Split(_Step):
    """`fixed`: the shares are the file's own and stay. `learning`: how the ways are told apart;
    None where nothing is counted, for want of an id under which to keep it."""

    shares: tuple[Share, ...]
    fixed: bool
    learning: Learning | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeOffer(_Step):
    """`percent`, or an amount; neither is free shipping."""

    name: str
    percent: int | None
    amount_minor: int | None
    currency: str | None
    expires_after: timedelta
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeTask(_Step):
    title: Translated
    script: Translated
    owner: str
    due: timedelta
    holds_promotions: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify(_Step):
    text: Translated


@dataclass(frozen=True, slots=True, kw_only=True)
class AddTag(_Step):
    tag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallWebhook(_Step):
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitStep(_Step):
    """`rest` keeps the person out of this flow for that long."""

    reason: str
    rest: timedelta | None


Node = (
    WaitFor
    | WaitUntil
    | WaitBest
    | WaitEvent
    | Send
    | Branch
    | Split
    | MakeOffer
    | MakeTask
    | Notify
    | AddTag
    | CallWebhook
    | ExitStep
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """One message on one channel in one language, and the line it stands on."""

    fields: Mapping[str, Any]
    line: int


Messages = Mapping[str, Mapping[ChannelName, Mapping[str, Copy]]]
Variants = Mapping[tuple[str, ChannelName], Mapping[str, Mapping[str, Copy]]]
"""Other texts of a message on a channel, by their name and language, each complete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """One version of one flow. `holdout` is percent; `fresh_for` how old an event may be."""

    slug: str
    name: Translated
    purpose: Purpose
    trigger: Trigger
    reentry: Reentry
    requirements: tuple[int, ...] = ()
    languages: tuple[str, ...] = LANGUAGES
    filter: Condition | None = None
    goal: EventRule | None = None
    exits: tuple[Exit, ...] = ()
    priority: int = 50
    holdout: int = 10
    fresh_for: timedelta = timedelta(days=1)
    first: str | None = None
    nodes: Mapping[str, Node] = field(default_factory=dict)
    messages: Messages = field(default_factory=dict)
    variants: Variants = field(default_factory=dict)
