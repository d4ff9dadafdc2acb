"""Klaviyo's system webhooks: prove one, then read up to a thousand events from it.

Must never call out: Klaviyo waits five seconds. What names nobody here is left to the poll.
"""

import hashlib
import hmac
import json
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any

from app import clock, crypto
from app.channels import CallbackRequest, Receipt
from app.channels.klaviyo.receipts import TOPICS, address_in, moment, receipt_of
from app.errors import BadSignature, MalformedPayload

FRESH = timedelta(hours=1)
"""Wide on purpose: Klaviyo repeats a failed delivery for up to an hour, and a repeat is harmless
because every receipt has a key."""


def read(
    request: CallbackRequest, secrets: Sequence[str], flows: Collection[str] | None
) -> list[Receipt]:
    """The receipts in a callback. Raises BadSignature, MalformedPayload."""
    _prove(request, secrets)
    try:
        content = json.loads(request.body)
        meta, items = content["meta"], content["data"]
        _require_identity(request, meta)
        receipts = [_receipt(item, flows) for item in items]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise MalformedPayload(f"Klaviyo's callback has an unknown shape: {error!r}") from error
    return [receipt for receipt in receipts if receipt is not None]


def _prove(request: CallbackRequest, secrets: Sequence[str]) -> None:
    stamp = request.headers.get("klaviyo-timestamp", "").encode()
    given = request.headers.get("klaviyo-signature", "").strip().lower()
    for secret in secrets:
        expected = hmac.new(secret.encode(), request.body + stamp, hashlib.sha256).hexdigest()
        if secret and crypto.same(expected, given):
            return
    raise BadSignature("This callback is not signed with the secret we gave Klaviyo.")


def _require_identity(request: CallbackRequest, meta: Mapping[str, Any]) -> None:
    if not crypto.same(
        str(meta["klaviyo_webhook_id"]), request.headers.get("klaviyo-webhook-id", "")
    ):
        raise BadSignature("This callback names two different webhooks.")
    # The header's time was seen hours ahead of the body; the body's is signed with it.
    if abs(clock.now() - moment(meta["timestamp"])) > FRESH:
        raise BadSignature("This callback is too old to be believed.")


def _receipt(item: Mapping[str, Any], flows: Collection[str] | None) -> Receipt | None:
    meaning = TOPICS.get(item["topic"])
    if meaning is None:
        return None
    document = item["payload"]
    # `external_id` is the event's id, the same a poll sees, so both give the same receipt key.
    event = {**document["data"], "id": item["external_id"]}
    return receipt_of(meaning, event, address_in(document, event), flows)
