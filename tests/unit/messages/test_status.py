"""The ladder: receipts may come in any order, and the row ends the same."""

from itertools import permutations

import pytest

from app.channels import ReceiptStatus
from app.messages.status import climbs, told_by
from app.models import MessageStatus


def settle(*receipts: ReceiptStatus) -> str:
    status: str = MessageStatus.ACCEPTED
    for receipt in receipts:
        told = told_by(receipt)
        if told is not None and climbs(status, told):
            status = told
    return status


@pytest.mark.parametrize(
    ("receipts", "ends"),
    [
        ((ReceiptStatus.SENT, ReceiptStatus.DELIVERED, ReceiptStatus.READ), MessageStatus.READ),
        ((ReceiptStatus.SENT, ReceiptStatus.UNDELIVERED), MessageStatus.FAILED),
        ((ReceiptStatus.FAILED, ReceiptStatus.DELIVERED), MessageStatus.DELIVERED),
        ((ReceiptStatus.DELIVERED, ReceiptStatus.COMPLAINED), MessageStatus.READ),
    ],
)
def test_any_order_of_receipts_ends_the_same(
    receipts: tuple[ReceiptStatus, ...], ends: MessageStatus
) -> None:
    assert {settle(*order) for order in permutations(receipts)} == {ends}


def test_a_lost_answer_is_found_by_its_receipt() -> None:
    assert climbs(MessageStatus.UNKNOWN, MessageStatus.SENT)
    assert climbs(MessageStatus.SENDING, MessageStatus.DELIVERED)


def test_coming_back_says_nothing_about_a_message() -> None:
    assert told_by(ReceiptStatus.RESUBSCRIBED) is None
