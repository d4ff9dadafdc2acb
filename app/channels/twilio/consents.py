"""Twilio's consent list, which takes opt-outs in bulk and answers for each of them.

The list is a pilot, for SMS only (docs/messaging/features/consent-api). An account without it
answers 4xx, which is no failure: our own ledger stops every send, with or without it.
"""

from uuid import uuid4

from twilio.rest import Client

from app import clock
from app.channels.twilio.failures import FAILURES, status_of, trouble
from app.errors import Unreachable


def opt_out(client: Client, sender_id: str, address: str) -> None:
    """Put an address on the list. Raises AccessLost, Unreachable."""
    try:
        answer = client.accounts.v1.bulk_consents.create(items=[_item(sender_id, address)])
    except FAILURES as error:
        status = status_of(error)
        if status is None or status == 429 or status >= 500:
            raise trouble(error) from error
        return
    # The whole call is answered with success even when nothing in it was taken.
    refused = [item["error_code"] for item in answer.items or () if item.get("error_code")]
    if refused:
        raise Unreachable(f"Twilio did not take the opt-out (code {refused[0]}).")


def _item(sender_id: str, address: str) -> dict[str, str]:
    return {
        "contact_id": address,
        "correlation_id": uuid4().hex,
        "sender_id": sender_id,
        "status": "opt-out",
        "source": "others",
        "date_of_consent": clock.now().isoformat(timespec="seconds"),
    }
