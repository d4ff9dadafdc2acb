"""Ids that sort by the moment, and within it by the order in which they were made."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from app import clock
from app.models import new_id

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_clock_comes_back() -> Iterator[None]:
    yield
    clock.use(None)


def test_ids_of_one_moment_keep_the_order_in_which_they_were_made() -> None:
    clock.use(lambda: NOON)

    made = [new_id() for _ in range(20_000)]

    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_a_later_id_sorts_after_and_every_one_is_of_version_seven() -> None:
    clock.use(lambda: NOON + timedelta(milliseconds=1))
    later = new_id()
    clock.use(lambda: NOON)
    earlier = new_id()

    assert earlier < later
    assert (later.version, later.variant) == (7, "specified in RFC 4122")
