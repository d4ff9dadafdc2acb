"""How long to wait: what a server asks for, within reason."""

from datetime import UTC, datetime

import pytest

from app.backoff import LONGEST_ASKED, asked_wait

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("2.0", 2.0),
        (" 90 ", 90.0),
        ("Mon, 02 Mar 2026 09:02:00 GMT", 120.0),
        ("Mon, 02 Mar 2026 08:00:00 GMT", 0.0),
        ("-5", 0.0),
    ],
)
def test_a_number_and_a_date_are_both_understood(header: str, seconds: float) -> None:
    assert asked_wait(header, NOW) == seconds


@pytest.mark.parametrize(
    "header", [None, "", "soon", "nan", "Mon, 02 Mar", "2 Mar 2026 09:02 -0000"]
)
def test_what_says_no_time_asks_for_nothing(header: str | None) -> None:
    assert asked_wait(header, NOW) is None


@pytest.mark.parametrize("header", ["inf", "9" * 400, "1e300", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_nobody_is_waited_for_longer_than_a_day(header: str) -> None:
    assert asked_wait(header, NOW) == LONGEST_ASKED
