"""Twilio on loopback: messages without idempotency, callbacks that come late, twice or never.

Nothing happens behind a caller's back: messages move and callbacks leave only in `pump()`.
"""

import json
import secrets
from collections.abc import Iterable
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from app import clock
from app.sandbox.server import Service
from app.sandbox.twilio_callbacks import Callback, Postman
from app.sandbox.twilio_checks import Refusal, check
from app.sandbox.twilio_listing import matches, page_of
from app.sandbox.twilio_phones import AUTO_REPLIES, keyword_of
from app.sandbox.twilio_records import (
    Account,
    Books,
    DeliveredText,
    MessagingService,
    Template,
    Text,
    as_json,
    new_sid,
)


class TwilioWorld(Service):
    """Accounts, Messaging Services and phones. All REST hosts of Twilio on one address."""

    routes: ClassVar[list[tuple[str, str, str]]] = [
        ("POST", "/2010-04-01/Accounts/<account>/Messages.json", "create_message"),
        ("GET", "/2010-04-01/Accounts/<account>/Messages.json", "list_messages"),
        ("GET", "/2010-04-01/Accounts/<account>/Messages/<sid>.json", "fetch_message"),
        ("DELETE", "/2010-04-01/Accounts/<account>/Messages/<sid>.json", "delete_message"),
        ("GET", "/2010-04-01/Accounts/<account>/Balance.json", "fetch_balance"),
        ("GET", "/v1/Services/<sid>", "fetch_service"),
        ("POST", "/v1/Consents/Bulk", "change_consents"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.books = Books()
        self.postman = Postman()

    def reset(self) -> None:
        """Forget everything but the address."""
        with self.lock:
            self.books = Books()
            self.postman = Postman()
            self.faults.clear()
            self.requests.clear()

    @property
    def messages(self) -> list[Text]:
        """Every outgoing message, oldest first."""
        return [text for text in self.books.messages if text.direction != "inbound"]

    # What a test or the demo sets up.

    def add_account(self, sid: str | None = None, token: str | None = None) -> Account:
        account = Account(sid or new_sid("AC"), token or secrets.token_hex(16))
        self.books.accounts[account.sid] = account
        return account

    def add_service(self, account: Account, **settings: Any) -> MessagingService:
        """A Messaging Service; `settings` are the fields of MessagingService."""
        service = MessagingService(**{"sid": new_sid("MG"), "account_sid": account.sid} | settings)
        self.books.services[service.sid] = service
        return service

    def add_template(
        self, body: str, *, marketing: bool = True, sid: str | None = None
    ) -> Template:
        """An approved WhatsApp template; `{{1}}` stands for a value."""
        template = Template(sid or new_sid("HX"), body, marketing)
        self.books.templates[template.sid] = template
        return template

    def mark(self, number: str, code: int) -> None:
        """From now on a text to `number` fails with `code`: refused below 30000, later above."""
        self.books.codes[number] = code

    def refuse_next(self, code: int, times: int = 1) -> None:
        """Refuse the next texts with `code`, whoever they are for."""
        with self.lock:
            self.books.refusals.extend([code] * times)

    def open_consent_list(self, errors: Iterable[int] = ()) -> None:
        """Give every account the pilot's consent list; the next items meet these errors first."""
        self.books.consents = self.books.consents or []
        self.books.consent_errors.extend(errors)

    def tunnel(self, public: str, local: str) -> None:
        """Post callbacks for `public` to `local`, as a proxy in front of the app does."""
        self.postman.tunnels[public] = local

    # The phones.

    def texts_to(self, number: str) -> list[DeliveredText]:
        """What arrived on this phone, oldest first."""
        with self.lock:
            mine = [text for text in self.messages if text.number == number and text.arrived_at]
            return [text.delivered() for text in mine]

    def reply(self, number: str, body: str, channel: str = "sms") -> None:
        """The person answers the last text; the app hears of it in the next `pump()`."""
        to = f"whatsapp:{number}" if channel == "whatsapp" else number
        with self.lock:
            service = self._service_of(to)
            self.books.messages.append(service.received(to, body))
            if channel == "whatsapp":
                # WhatsApp has no keywords: a STOP there is for the app to understand.
                self.books.windows[number] = clock.now()
                self._announce(service, to, body, None)
                return
            keyword = keyword_of(body, service.keywords)
            self._announce(service, to, body, keyword if service.advanced_opt_out else None)
            self._obey(keyword, service, number)

    def pump(self, *, backwards: bool = False, twice: bool = False) -> list[int | None]:
        """Move every message on and post what is due; what the app answered, None for nothing.

        `backwards` posts in the reverse order, `twice` posts each callback two times.
        """
        with self.lock:
            for text in self._moving():
                self._advance(text)
            due = self.postman.take(backwards, twice)
        # Without the lock: the app may call this sandbox before it answers.
        return [self.postman.post(callback) for callback in due]

    # The REST API.

    def create_message(self, request: Request, account: str) -> Response:
        try:
            self._authenticate(request, account)
            text = check(self.books, account, request.form)
        except Refusal as refused:
            return refused.response()
        self.books.messages.append(text)
        return as_json(text.record(), 201)

    def list_messages(self, request: Request, account: str) -> Response:
        try:
            self._authenticate(request, account)
        except Refusal as refused:
            return refused.response()
        found = [
            text
            for text in reversed(self.books.messages)
            if text.account_sid == account and matches(text, request)
        ]
        return as_json(page_of(found, request))

    def fetch_message(self, request: Request, account: str, sid: str) -> Response:
        try:
            self._authenticate(request, account)
            return as_json(self._text(account, sid).record())
        except Refusal as refused:
            return refused.response()

    def delete_message(self, request: Request, account: str, sid: str) -> Response:
        try:
            self._authenticate(request, account)
            text = self._text(account, sid)
            if text.moves:
                raise Refusal(20009)
        except Refusal as refused:
            return refused.response()
        self.books.messages.remove(text)
        return Response(status=204)

    def fetch_balance(self, request: Request, account: str) -> Response:
        try:
            known = self._authenticate(request, account)
            if known.balance is None:
                raise Refusal(20404)
        except Refusal as refused:
            return refused.response()
        told = {"account_sid": known.sid, "balance": known.balance, "currency": "USD"}
        return as_json(told)

    def fetch_service(self, request: Request, sid: str) -> Response:
        try:
            account = self._authenticate(request, None)
            service = self.books.services.get(sid)
            if service is None or service.account_sid != account.sid:
                raise Refusal(20404)
        except Refusal as refused:
            return refused.response()
        return as_json(service.record())

    def change_consents(self, request: Request) -> Response:
        """The consent list is a pilot: most accounts are told that they may not."""
        try:
            self._authenticate(request, None)
            if self.books.consents is None:
                raise Refusal(20003, 403)
        except Refusal as refused:
            return refused.response()
        answers = []
        for item in (json.loads(item) for item in request.form.getlist("Items")):
            code = self.books.consent_errors.popleft() if self.books.consent_errors else 0
            answers.append({"correlation_id": item["correlation_id"], "error_code": code})
            if not code:
                self.books.consents.append(item)
            if not code and item["status"] == "opt-out":
                self.books.opted_out.add((item["sender_id"], item["contact_id"]))
        return as_json({"items": answers}, 201)

    # How it works inside.

    def _authenticate(self, request: Request, account: str | None) -> Account:
        given = request.authorization
        known = self.books.accounts.get((given.username or "") if given else "")
        if given is None or known is None or given.password != known.token:
            raise Refusal(20003)
        if account is not None and account != known.sid:
            raise Refusal(20404)
        return known

    def _text(self, account: str, sid: str) -> Text:
        for text in self.books.messages:
            if text.sid == sid and text.account_sid == account:
                return text
        raise Refusal(20404)

    def _moving(self) -> list[Text]:
        """What has come since the last round; whatever is older has arrived."""
        moving: list[Text] = []
        for text in reversed(self.books.messages):
            if text.moves:
                moving.append(text)
            elif text.direction != "inbound":
                break
        return moving[::-1]

    def _advance(self, text: Text) -> None:
        token = self.books.accounts[text.account_sid].token
        for form in text.advance():
            if text.status_callback:
                self.postman.waiting.append(Callback(text.status_callback, form, token))

    def _service_of(self, to: str) -> MessagingService:
        """The one whose text is answered; without a text, the first."""
        sids = [text.service_sid for text in self.messages if text.to == to]
        return self.books.services[sids[-1] if sids else next(iter(self.books.services))]

    def _obey(self, keyword: str | None, service: MessagingService, number: str) -> None:
        """Act on a keyword as Twilio does: block or unblock, and answer in its own name."""
        if keyword is None:
            return
        if keyword == "STOP":
            self.books.opted_out.add((service.sid, number))
        elif keyword == "START":
            self.books.opted_out.discard((service.sid, number))
        answer = Text(
            account_sid=service.account_sid,
            service_sid=service.sid,
            to=number,
            sender=service.sender,
            body=AUTO_REPLIES[keyword],
            direction="outbound-reply",
        )
        self.books.messages.append(answer)

    def _announce(
        self, service: MessagingService, sender: str, body: str, keyword: str | None
    ) -> None:
        if service.inbound_request_url is None:
            return
        token = self.books.accounts[service.account_sid].token
        form = service.inbound_form(sender, body, keyword)
        self.postman.waiting.append(Callback(service.inbound_request_url, form, token))
