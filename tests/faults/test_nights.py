"""Half a night of a clock change on the whole app, in this process. `make faults` plays ten whole
nights with real processes."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from tests.conftest import Machine
from tests.faults.lives import WINTER
from tests.faults.nights import NIGHTS, Count, Night, live_through, shop_in, travel
from tests.faults.swept import SweptStage, swept_stage


@pytest.fixture
def stage(machine: Machine) -> Iterator[SweptStage]:
    with swept_stage(machine, WINTER) as playing:
        yield playing


@pytest.mark.parametrize("night", [NIGHTS[2]], ids=lambda n: n.zone)
def test_every_cart_of_the_night_is_reminded_of_once_and_nobody_is_woken(
    stage: SweptStage, night: Night
) -> None:
    count, shop = Count(), shop_in(stage, night.zone)
    travel(night.begins_at, [shop])

    live_through(night, shop, count, timedelta(hours=10))

    assert count.due > 0
    assert count == Count(due=count.due)
