"""`comeback science lift` says of each flow what it has changed until now."""

from uuid import UUID

from tests.cli.conftest import Run
from tests.conftest import Clock
from tests.fakes.experiment import enter, switch_on


def test_each_flow_is_compared_with_those_it_held_out(
    run: Run, store_id: UUID, clock: Clock
) -> None:
    switch_on(store_id)
    enter(store_id, "treated", 200, 60)
    enter(store_id, "holdout", 200, 20)
    clock.advance(days=31)

    told = run("science", "lift", "--store", str(store_id))

    assert told.exit_code == 0, told.output
    assert "60 of 200" in told.output and "20 of 200" in told.output
    assert "+20.00 (+12." in told.output and "more buyers" in told.output
    assert "1200.00 (" in told.output
