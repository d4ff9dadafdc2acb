"""Reading what Twilio posts to us: delivery receipts and people's answers.

Nothing is read before the signature holds. Order is not ours to judge: receipts say what they say.
"""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from twilio.request_validator import RequestValidator

from app import clock
from app.channels import CallbackRequest, ChannelName, Inbound, Receipt, ReceiptStatus
from app.channels.twilio.client import MESSAGE_PARAMETER, read_address
from app.channels.twilio.errors import meaning
from app.channels.twilio.refusals import OptOutReading, is_default_keyword, reads_as_opt_out
from app.errors import BadSignature, MalformedPayload
from app.jsontext import storable

# Twilio adds statuses without notice; one we do not use is no receipt.
_STATUSES = {
    "sent": ReceiptStatus.SENT,
    "delivered": ReceiptStatus.DELIVERED,
    "read": ReceiptStatus.READ,
    "undelivered": ReceiptStatus.UNDELIVERED,
    "failed": ReceiptStatus.FAILED,
    "canceled": ReceiptStatus.FAILED,
}
_CHOICES = {"STOP": ReceiptStatus.UNSUBSCRIBED, "START": ReceiptStatus.RESUBSCRIBED}
_READINGS = {
    OptOutReading.CLEAR: ReceiptStatus.UNSUBSCRIBED,
    OptOutReading.OPT_IN: ReceiptStatus.RESUBSCRIBED,
}


def read(auth_token: str, request: CallbackRequest) -> list[Receipt | Inbound]:
    """The receipts and answers in a callback. Raises BadSignature, MalformedPayload."""
    _verify(auth_token, request)
    # No row can hold a NUL, and a person can type one.
    told = {name: storable(value) for name, value in request.form.items()}
    request = replace(request, form=told)
    if "MessageStatus" in request.form:
        return _receipt(request)
    if "From" in request.form and "Body" in request.form:
        return _answer(request.form)
    raise MalformedPayload("Neither MessageStatus nor From and Body are in Twilio's callback.")


def _verify(auth_token: str, request: CallbackRequest) -> None:
    signature = request.headers.get("x-twilio-signature")
    # The validator fails with a TypeError on None, and an empty token would sign for anybody.
    if not signature or not auth_token or not _signed(auth_token, request, signature):
        raise BadSignature("The callback does not carry Twilio's signature for this address.")


def _signed(auth_token: str, request: CallbackRequest, signature: str) -> bool:
    try:
        validator = RequestValidator(auth_token)
        return bool(validator.validate(request.url, dict(request.form), signature))
    except (TypeError, ValueError):  # A port or host in the URL that is none.
        return False


def _receipt(request: CallbackRequest) -> list[Receipt | Inbound]:
    form = request.form
    sid = _field(form, "MessageSid")
    told = form["MessageStatus"]
    status = _STATUSES.get(told)
    if status is None:
        return []
    code = form.get("ErrorCode") or None
    means = meaning(int(code)) if code and code.isdecimal() else None
    channel, address = read_address(form.get("To", ""))
    receipt = Receipt(
        receipt_key=f"{sid}:{told}",
        status=status,
        occurred_at=clock.now(),
        message_id=_message_id(request.url),
        provider_id=sid,
        address=address or None,
        channel=channel,
        code=code,
        advice=means.advice if means else None,
        retry_after=means.retry_after if means else None,
    )
    return [receipt]


def _answer(form: Mapping[str, str]) -> list[Receipt | Inbound]:
    """The text itself, and the choice in it where there is no doubt about one."""
    sid, body = _field(form, "MessageSid"), form["Body"]
    channel, address = read_address(form["From"])
    inbound = Inbound(
        receipt_key=f"{sid}:inbound",
        channel=channel,
        address=address,
        body=body,
        occurred_at=clock.now(),
        keyword_handled=_handled(channel, form),
    )
    choice = _choice(form)
    if choice is None:
        return [inbound]
    receipt = Receipt(
        receipt_key=f"{sid}:{choice}",
        status=choice,
        occurred_at=inbound.occurred_at,
        provider_id=sid,
        address=address,
        channel=channel,
    )
    return [inbound, receipt]


def _handled(channel: ChannelName, form: Mapping[str, str]) -> bool:
    """Whether Twilio has answered this text. Its own keywords work on SMS without any field."""
    return "OptOutType" in form or (channel is ChannelName.SMS and is_default_keyword(form["Body"]))


def _choice(form: Mapping[str, str]) -> ReceiptStatus | None:
    """OptOutType knows the merchant's own keywords, so it goes before our reading."""
    told = form.get("OptOutType")
    if told is not None:
        return _CHOICES.get(told.upper())
    return _READINGS.get(reads_as_opt_out(form["Body"], None))


def _message_id(url: str) -> UUID | None:
    values = parse_qs(urlsplit(url).query).get(MESSAGE_PARAMETER, [])
    try:
        return UUID(values[0]) if values else None
    except ValueError:
        return None


def _field(form: Mapping[str, str], name: str) -> str:
    value = form.get(name)
    if not value:
        raise MalformedPayload(f"{name} is missing in Twilio's callback.")
    return value
