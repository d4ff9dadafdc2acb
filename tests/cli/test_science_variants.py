"""`comeback science variants` says of each variant what it has brought until now."""

from uuid import UUID

from tests.cli.conftest import Run
from tests.conftest import Clock
from tests.fakes.trial import SPLIT, switch_on, try_subjects, write_to


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


def test_a_fixed_split_is_counted_by_orders_with_the_shares_of_the_file(
    run: Run, store_id: UUID, clock: Clock
) -> None:
    switch_on(store_id, SPLIT)
    write_to(store_id, "warm", 100, 10, split=True)
    write_to(store_id, "short", 100, 40, split=True)
    clock.advance(days=8)

    told = run("science", "variants", "--store", str(store_id))

    assert told.exit_code == 0, told.output
    warm, short = (line for line in told.output.splitlines() if " tone " in line)
    assert "orders" in warm and "70%" in warm and "10 of 100" in warm
    assert "30%" in short and "40.0% (30.9% to 49.8%)" in short and "clearly better" in short


def test_a_split_without_a_name_is_not_counted_and_the_command_says_what_to_do(
    run: Run, store_id: UUID
) -> None:
    switch_on(store_id, SPLIT.replace("  - id: tone\n    split", "  - split"))

    told = run("science", "variants", "--store", str(store_id))

    assert told.exit_code == 0, told.output
    assert "hello, step 1: give this step an `id`" in told.output
    assert " warm " not in told.output
