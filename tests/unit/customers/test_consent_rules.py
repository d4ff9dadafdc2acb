"""Which of several choices holds."""

from itertools import permutations

import pytest

from app.customers.consent import Choice, holds, is_confirmed
from tests.integration.customers.people import at


def made(minute: float, state: str, source: str = "shopify", confirms: bool = False) -> Choice:
    return Choice(state, source, at(minute), confirms)


def test_nobody_asked_is_no_choice() -> None:
    assert holds([]) is None


@pytest.mark.parametrize("order", [1, -1])
def test_the_latest_choice_holds_in_any_order(order: int) -> None:
    choices = [made(1, "unsubscribed"), made(2, "subscribed")][::order]

    assert holds(choices) == made(2, "subscribed")


def test_a_tie_goes_to_the_opt_out() -> None:
    assert holds([made(1, "unsubscribed"), made(1, "subscribed")]) == made(1, "unsubscribed")


def test_an_import_never_lifts_an_opt_out_however_late_its_file_was_written() -> None:
    choices = [made(1, "unsubscribed"), made(9, "subscribed", "import:orders.csv")]

    assert holds(choices) == made(1, "unsubscribed")


def test_an_import_counts_for_those_who_never_refused() -> None:
    imported = made(9, "subscribed", "import:orders.csv")

    assert holds([made(1, "pending"), imported]) == imported


def test_a_return_made_by_the_person_lifts_an_opt_out() -> None:
    assert holds([made(1, "unsubscribed"), made(2, "subscribed")]) == made(2, "subscribed")


CONFIRMED = made(2, "subscribed", confirms=True)


@pytest.mark.parametrize(
    ("others", "confirmed"),
    [
        ([], True),
        ([made(1, "pending")], True),
        ([made(3, "subscribed", "klaviyo")], True),
        ([made(1, "unsubscribed")], True),
        ([made(3, "unsubscribed")], False),
        ([made(2, "unsubscribed")], False),
        ([made(3, "unsubscribed"), made(4, "subscribed")], False),
        ([made(3, "unsubscribed"), made(4, "subscribed", confirms=True)], True),
    ],
)
def test_a_confirmation_stands_until_a_refusal_in_any_order(
    others: list[Choice], confirmed: bool
) -> None:
    for choices in permutations([CONFIRMED, *others]):
        assert is_confirmed(choices) is confirmed


def test_a_file_confirms_nothing_after_a_refusal() -> None:
    choices = [
        made(1, "unsubscribed"),
        made(2, "subscribed", "import:old.csv", confirms=True),
        made(3, "subscribed"),
    ]

    assert not is_confirmed(choices)
