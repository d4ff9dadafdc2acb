"""The clock of a demo is the same in every process and runs as fast as it says."""

import time
from datetime import UTC, datetime, timedelta

from app import clock


def test_an_accelerated_clock_runs_at_its_speed_from_its_start() -> None:
    anchor = time.time() - 10

    moment = clock.accelerated(f"2026-03-02T08:00:00+00:00@{anchor}x360")()

    start = datetime(2026, 3, 2, 8, tzinfo=UTC)
    assert timedelta(hours=1) <= moment - start < timedelta(hours=2)


def test_two_processes_with_the_same_spec_agree() -> None:
    spec = f"2026-03-02T08:00:00+00:00@{time.time()}x60"

    apart = abs(clock.accelerated(spec)() - clock.accelerated(spec)())

    assert apart < timedelta(minutes=1)


def test_the_pace_is_that_of_an_accelerated_clock_and_one_of_any_other() -> None:
    clock.use(clock.accelerated("2026-03-02T08:00:00+00:00@1772352000.0x360"))
    fast = clock.pace()
    clock.use(None)

    assert (fast, clock.pace()) == (360, 1.0)
