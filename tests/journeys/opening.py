"""Opening a stage, for the stories and for whoever else wants the whole of it."""

from collections.abc import Iterator
from contextlib import contextmanager

from app import clock as app_clock
from tests.conftest import Machine
from tests.journeys.overheard import overheard, personal, slips
from tests.journeys.stage import Stage, StageClock

DEFECTS = {"message_failed", "journey_failed", "provider_refused_our_request", "request_failed"}
"""What the log says when it was nobody's fault but ours."""


@contextmanager
def living_clock() -> Iterator[StageClock]:
    """The app's clock is a stage's."""
    moved = StageClock()
    app_clock.use(moved)
    yield moved
    app_clock.use(None)


@contextmanager
def opened_stage(machine: Machine, clock: StageClock) -> Iterator[Stage]:
    """The app and its world, with no shop yet. Nothing of ours may break while it is open, and no
    line of its logs may be about a person."""
    with overheard() as told, Stage(machine, clock).playing() as playing:
        yield playing
        assert playing.failed_jobs() == []
        people = personal(machine)
    assert [line for line in told() if line["event"] in DEFECTS] == []
    about_people = slips(told(), people)
    assert about_people == [], f"The log is about people: {about_people}"
