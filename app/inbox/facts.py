"""What is known of a store at one moment, for `inbox.findings`. Values only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from app.inbox.clocks import ClockReading
from app.inbox.looks import Look
from app.inbox.pulse import Pulse
from app.inbox.readings import Reading
from app.platforms import Resource


@dataclass(frozen=True, slots=True)
class Waiting:
    """Work that is due and not done."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Broken:
    """A credential that the other side refuses."""

    kind: str
    since: datetime
    problem: str


@dataclass(frozen=True, slots=True)
class Calls:
    """What a channel's provider answered within the last hour."""

    channel: str
    made: int
    failed: int
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a store at one moment. `waiting` is by channel, what a broken one holds
    back included; `late` are those of them whose time has come. A balance under `low_balance` is
    low. `suspects` are flows whose experiment is broken. `letters`: why notices do not arrive by
    e-mail. `begun`: since when what was red at an earlier look has been so, by code and subject.
    `pace` is how fast the clock runs: our own work takes the machine's time. `clocks` are of all
    our processes, whichever store they work for."""

    now: datetime
    broken: Sequence[Broken] = ()
    looks: Mapping[str, Look] = field(default_factory=dict)
    pulses: Sequence[Pulse] = ()
    readings: Mapping[Resource, Reading] = field(default_factory=dict)
    inbox: Waiting = Waiting(0, None)
    failed: Waiting = Waiting(0, None)
    steps: Waiting = Waiting(0, None)
    waiting: Mapping[str, int] = field(default_factory=dict)
    late: Mapping[str, Waiting] = field(default_factory=dict)
    calls: Sequence[Calls] = ()
    silent_mail: Sequence[str] = ()
    stopped: Sequence[tuple[str, str]] = ()
    letters: Broken | None = None
    suspects: Sequence[str] = ()
    begun: Mapping[tuple[str, str], datetime] = field(default_factory=dict)
    low_balance: Decimal = Decimal(10)
    pace: float = 1.0
    clocks: Sequence[ClockReading] = ()
