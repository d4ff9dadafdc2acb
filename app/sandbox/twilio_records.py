"""What the sandboxed Twilio keeps, and how it writes it as JSON and as callback fields."""

import json
import math
import secrets
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime

from werkzeug.wrappers import Response

from app import clock

EXPIRED = 30036
_UNDELIVERED = {30003, 30004, 30005, 30006, 30008, 63003, 63024, 63014}


def new_sid(prefix: str) -> str:
    """A fresh identifier in Twilio's shape."""
    return prefix + secrets.token_hex(16)


def as_json(value: object, status: int = 200) -> Response:
    return Response(json.dumps(value), status=status, content_type="application/json")


@dataclass(slots=True)
class Account:
    """`balance` None: a subaccount, which is not told of it."""

    sid: str
    token: str
    balance: str | None = "48.1200"


@dataclass(frozen=True, slots=True)
class Template:
    """An approved WhatsApp template; `{{1}}` or `{{name}}` stands for a value."""

    sid: str
    body: str
    marketing: bool

    def filled(self, values: dict[str, str]) -> str:
        text = self.body
        for name, value in values.items():
            text = text.replace("{{" + name + "}}", value)
        return text


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagingService:
    sid: str
    account_sid: str
    name: str = "Sandbox shop"
    sender: str = "+15005550006"
    whatsapp_sender: str | None = None
    inbound_request_url: str | None = None
    advanced_opt_out: bool = False
    keywords: dict[str, str] = field(default_factory=dict)
    """The merchant's own keywords: word in capitals to STOP, START or HELP."""

    def sender_to(self, to: str) -> str | None:
        if to.startswith("whatsapp:"):
            return self.whatsapp_sender and f"whatsapp:{self.whatsapp_sender}"
        return self.sender

    def record(self) -> dict[str, object]:
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "friendly_name": self.name,
            "inbound_request_url": self.inbound_request_url,
            "smart_encoding": True,
            "validity_period": 36000,
        }

    def received(self, sender: str, body: str) -> "Text":
        """A person's text as Twilio keeps it beside those that were sent."""
        return Text(
            account_sid=self.account_sid,
            service_sid=self.sid,
            to=self.sender_to(sender) or self.sender,
            sender=sender,
            body=body,
            direction="inbound",
        )

    def inbound_form(self, sender: str, body: str, keyword: str | None) -> dict[str, str]:
        """The fields of a person's text as Twilio posts them."""
        sid = new_sid("SM")
        form = {
            "MessageSid": sid,
            "SmsSid": sid,
            "SmsMessageSid": sid,
            "AccountSid": self.account_sid,
            "MessagingServiceSid": self.sid,
            "From": sender,
            "To": self.sender_to(sender) or self.sender,
            "Body": body,
            "NumMedia": "0",
            "NumSegments": "1",
            "SmsStatus": "received",
            "ApiVersion": "2010-04-01",
        }
        if sender.startswith("whatsapp:"):
            number = sender.removeprefix("whatsapp:")
            form |= {"ProfileName": "Ana", "WaId": number.removeprefix("+")}
        return form | ({"OptOutType": keyword} if keyword else {})


@dataclass(frozen=True, slots=True)
class DeliveredText:
    """A text as the person sees it on the phone."""

    body: str
    at: datetime
    channel: str
    sid: str


@dataclass(slots=True, kw_only=True)
class Text:
    """An outgoing message. `moves` are the statuses it has yet to go through."""

    account_sid: str
    service_sid: str
    to: str
    sender: str
    body: str
    status_callback: str | None = None
    valid_for: timedelta = timedelta(hours=10)
    late_code: int | None = None
    direction: str = "outbound-api"
    sid: str = field(default_factory=lambda: new_sid("SM"))
    created_at: datetime = field(default_factory=clock.now)
    sent_at: datetime | None = None
    arrived_at: datetime | None = None
    status: str = "accepted"
    error_code: int | None = None
    moves: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.direction == "inbound":
            self.status = "received"
        else:
            self.moves = self._path()

    def _path(self) -> list[str]:
        if self.late_code in _UNDELIVERED:
            return ["queued", "sent", "undelivered"]
        if self.late_code is not None:
            return ["queued", "failed"]
        return ["queued", "sent", "delivered"] + (["read"] if self.is_whatsapp else [])

    @property
    def is_whatsapp(self) -> bool:
        return self.to.startswith("whatsapp:")

    @property
    def number(self) -> str:
        return self.to.removeprefix("whatsapp:")

    def advance(self) -> list[dict[str, str]]:
        """Go through all that is left; the callback fields of each status on the way."""
        now = clock.now()
        if self.moves and now - self.created_at > self.valid_for:
            self.moves, self.late_code = ["failed"], EXPIRED
        forms = [self._step(status, now) for status in self.moves]
        self.moves = []
        return forms

    def _step(self, status: str, now: datetime) -> dict[str, str]:
        self.status = status
        if status == "sent":
            self.sent_at = now
        elif status == "delivered":
            self.arrived_at = now
        elif status in {"failed", "undelivered"}:
            self.error_code = self.late_code
        return self._callback(status, now)

    def _callback(self, status: str, now: datetime) -> dict[str, str]:
        form = {
            "MessageSid": self.sid,
            "SmsSid": self.sid,
            "MessageStatus": status,
            "SmsStatus": status,
            "To": self.to,
            "From": self.sender,
            "AccountSid": self.account_sid,
            "MessagingServiceSid": self.service_sid,
            "ApiVersion": "2010-04-01",
        }
        if status == "delivered":
            form["RawDlrDoneDate"] = now.strftime("%y%m%d%H%M")
        if self.error_code is not None:
            form["ErrorCode"] = str(self.error_code)
        return form

    def delivered(self) -> DeliveredText:
        assert self.arrived_at is not None, "ask only of a text that has arrived"
        channel = "whatsapp" if self.is_whatsapp else "sms"
        return DeliveredText(self.body, self.arrived_at, channel, self.sid)

    def record(self) -> dict[str, object]:
        """The resource. Segments are "0" until a service has chosen its sender."""
        chosen = self.status != "accepted"
        sent = format_datetime(self.sent_at) if self.sent_at else None
        return {
            "sid": self.sid,
            "account_sid": self.account_sid,
            "messaging_service_sid": self.service_sid,
            "to": self.to,
            "from": self.sender if chosen else None,
            "body": self.body,
            "status": self.status,
            "direction": self.direction,
            "num_segments": str(math.ceil(len(self.body) / 153)) if chosen else "0",
            "num_media": "0",
            "date_created": format_datetime(self.created_at),
            "date_updated": format_datetime(self.sent_at or self.created_at),
            "date_sent": sent,
            "error_code": self.error_code,
            "error_message": None,
            "price": None,
            "price_unit": "USD",
            "api_version": "2010-04-01",
            "uri": f"/2010-04-01/Accounts/{self.account_sid}/Messages/{self.sid}.json",
        }


@dataclass(slots=True)
class Books:
    """Everything the sandboxed Twilio knows."""

    accounts: dict[str, Account] = field(default_factory=dict)
    services: dict[str, MessagingService] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    messages: list[Text] = field(default_factory=list)
    opted_out: set[tuple[str, str]] = field(default_factory=set)
    codes: dict[str, int] = field(default_factory=dict)
    refusals: list[int] = field(default_factory=list)
    windows: dict[str, datetime] = field(default_factory=dict)
    consents: list[dict[str, str]] | None = None
    """What came to the consent list; None where the account has none."""
    consent_errors: deque[int] = field(default_factory=deque)
