"""`comeback restored`: asks for the moment of the backup, and tells what the books say."""

from uuid import UUID

import pytest

from tests.cli.conftest import Run
from tests.conftest import Clock


@pytest.mark.parametrize(
    ("since", "sentence"),
    [
        ("yesterday", "give a time such as 2026-03-02T04:00"),
        ("2026-03-02T10:00", "the backup cannot have been made later than now"),
    ],
)
def test_a_moment_that_cannot_be_is_refused(
    run: Run, clock: Clock, since: str, sentence: str
) -> None:
    result = run("restored", "--since", since)

    assert result.exit_code == 1
    assert f"--since: {sentence}" in result.output


def test_each_store_is_told_of_with_what_its_merchant_has_to_do(run: Run, store_id: UUID) -> None:
    result = run("restored", "--since", "2026-03-01T04:00")

    assert result.exit_code == 0
    assert "0 messages of the backup had gone out; 0 messages it does not know" in result.output
    assert "until the shop is connected again" in result.output
