"""The doors for providers: what became of a message, and what people answered. Signed, repeatable.

The store in the address only says whose secret to try; the signature proves it.
"""

from uuid import UUID

from flask import Blueprint, Response, abort, request

from app import jobs
from app.channels import CallbackRequest, Channel, ChannelName, Inbound, Receipt
from app.errors import AccessLost
from app.inbox.receipts import take
from app.web.limits import (
    CALLBACKS,
    GUESSES,
    limiter,
    this_path,
    this_visitor_here,
    was_a_guess,
    was_taken,
)
from app.web.request import connections, id_or_404, lower_headers, public_url

callbacks = Blueprint("callbacks", __name__, url_prefix="/callbacks")
limiter.limit(CALLBACKS, key_func=this_path, deduct_when=was_taken)(callbacks)
limiter.limit(GUESSES, key_func=this_visitor_here, deduct_when=was_a_guess)(callbacks)


@callbacks.post("/twilio/<store>")
def twilio(store: str) -> Response:
    """Status callbacks and inbound replies of one store's Twilio account."""
    _take("twilio", id_or_404(store), ChannelName.SMS)
    return Response(status=204)


@callbacks.post("/klaviyo/<store>")
def klaviyo(store: str) -> Response:
    """System webhooks, where the account has them. Klaviyo counts 200, 201 and 202 as taken."""
    _take("klaviyo", id_or_404(store), ChannelName.EMAIL)
    return Response(status=200)


def _take(provider: str, store_id: UUID, name: ChannelName) -> None:
    channel = _channel(store_id, name)
    told: list[Receipt | Inbound] = channel.read_callback(
        CallbackRequest(
            url=public_url(),
            headers=lower_headers(),
            form=request.form.to_dict(),
            body=request.get_data(cache=True),
        )
    )
    take(store_id, provider, told, connections().config)
    jobs.nudge("sync", store_id)


def _channel(store_id: UUID, name: ChannelName) -> Channel:
    try:
        channel = connections().channel(store_id, name)
    except AccessLost:
        abort(404)
    if channel is None:
        abort(404)
    return channel
