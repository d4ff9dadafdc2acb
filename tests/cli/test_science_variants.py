"""`comeback science variants` says of each variant what it has brought until now."""

from uuid import UUID

from tests.cli.conftest import Run
from tests.conftest import Clock
from tests.fakes.trial import try_subjects, write_to


def test_each_variant_is_counted_with_its_rate_and_the_better_one_named(
    run: Run, store_id: UUID, clock: Clock
) -> None:
    try_subjects(store_id)
    write_to(store_id, "original", 100, 10)
    write_to(store_id, "short", 100, 40)
    clock.advance(days=4)

    told = run("science", "variants", "--store", str(store_id))

    assert told.exit_code == 0, told.output
    assert "40 of 100" in told.output and "40.0% (30.9% to 49.8%)" in told.output
    assert "50%" in told.output, "no wave was made, so the shares are equal"
    assert told.output.count("clearly better") == 1
