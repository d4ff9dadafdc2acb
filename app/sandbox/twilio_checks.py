"""What the sandboxed Twilio refuses, and with which code. Real codes, our own sentences."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta

from werkzeug.wrappers import Response

from app import clock
from app.sandbox.twilio_records import Books, MessagingService, Text, as_json

# https://www.twilio.com/docs/iam/test-credentials#test-sms-messages
MAGIC_NUMBERS = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
}
STATUSES = {20003: 401, 20404: 404, 20429: 429, 20009: 409}
FIRST_LATE_CODE = 30000
"""Codes from here on come with a callback, after the message was accepted."""

WINDOW = timedelta(hours=24)
"""How long a person's own WhatsApp message lets free text through."""

_E164 = re.compile(r"(?:whatsapp:)?\+[1-9]\d{6,14}")


class Refusal(Exception):
    """Twilio says no."""

    def __init__(self, code: int, status: int | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.status = status or STATUSES.get(code, 400)

    def response(self) -> Response:
        body = {
            "code": self.code,
            "message": f"Sandbox: error {self.code}",
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return as_json(body, self.status)


def check(books: Books, account_sid: str, form: Mapping[str, str]) -> Text:
    """The message a request makes, not yet kept. Raises Refusal."""
    if books.refusals:
        raise Refusal(books.refusals.pop(0))
    to, service = _addressed(books, account_sid, form)
    number = to.removeprefix("whatsapp:")
    body, marketing = _content(books, form)
    _require_willing(books, service, to)
    sender = service.sender_to(to)
    if sender is None:
        raise Refusal(21703)
    return Text(
        account_sid=account_sid,
        service_sid=service.sid,
        to=to,
        sender=sender,
        body=body,
        status_callback=form.get("StatusCallback"),
        valid_for=_validity(form),
        late_code=_late_code(books, number, form, marketing),
    )


def _addressed(
    books: Books, account_sid: str, form: Mapping[str, str]
) -> tuple[str, MessagingService]:
    to = form.get("To", "")
    if not to:
        raise Refusal(21604)
    if not _E164.fullmatch(to):
        raise Refusal(21211)
    sid = form.get("MessagingServiceSid", "")
    if not sid:
        raise Refusal(21603)
    service = books.services.get(sid)
    if service is None or service.account_sid != account_sid:
        raise Refusal(21705)
    return to, service


def _content(books: Books, form: Mapping[str, str]) -> tuple[str, bool]:
    template = books.templates.get(form.get("ContentSid", ""))
    if template is not None:
        values = json.loads(form.get("ContentVariables") or "{}")
        return template.filled(values), template.marketing
    body = form.get("Body", "")
    if not body:
        raise Refusal(21602)
    if len(body) > 1600:
        raise Refusal(21617)
    return body, False


def _require_willing(books: Books, service: MessagingService, to: str) -> None:
    code = books.codes.get(to.removeprefix("whatsapp:")) or MAGIC_NUMBERS.get(to)
    if code is not None and code < FIRST_LATE_CODE:
        raise Refusal(code)
    if (service.sid, to) in books.opted_out:
        raise Refusal(21610)


def _validity(form: Mapping[str, str]) -> timedelta:
    seconds = int(form.get("ValidityPeriod", "36000"))
    if not 1 <= seconds <= 36_000:
        raise Refusal(20001)
    return timedelta(seconds=seconds)


def _late_code(books: Books, number: str, form: Mapping[str, str], marketing: bool) -> int | None:
    """The code a message fails with after it was accepted; None when it arrives."""
    code = books.codes.get(number)
    if code is not None or not form["To"].startswith("whatsapp:"):
        return code
    if marketing and number.startswith("+1"):
        return 63049
    opened = books.windows.get(number)
    open_now = opened is not None and clock.now() - opened < WINDOW
    return None if form.get("ContentSid") or open_now else 63016
