"""A local Klaviyo over real HTTP: what the API takes and answers, and the mail its flows send.

Faithful where it matters to us: a 202 promises nothing, one `unique_id` counts once, skips are not
told, and a metric exists after its first event. Everything happens in a request or in `pump`.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Any, ClassVar

from werkzeug.wrappers import Request, Response

from app import clock
from app.sandbox.klaviyo_account import Account, DeliveredEmail, Event, Profile
from app.sandbox.klaviyo_api import event_item, profile_item
from app.sandbox.klaviyo_webhooks import WebhookApi
from app.sandbox.klaviyo_wire import Problem
from app.sandbox.server import Fault

__all__ = ["Account", "DeliveredEmail", "KlaviyoWorld", "SignedCallback", "sign"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedCallback:
    """A system webhook, ready to be posted by whoever drives the sandbox."""

    headers: dict[str, str]
    body: bytes


class KlaviyoWorld(WebhookApi):
    """A sandboxed Klaviyo with its accounts, its sign-in and its recipients."""

    routes: ClassVar[list[tuple[str, str, str]]] = [
        *WebhookApi.routes,
        ("GET", "/oauth/authorize", "authorize"),
        ("POST", "/oauth/token", "token"),
        ("POST", "/oauth/revoke", "revoke"),
        ("GET", "/unsubscribe/<account_key>/<profile_key>", "follow_unsubscribe"),
        ("POST", "/unsubscribe/<account_key>/<profile_key>", "follow_unsubscribe"),
    ]

    def start(self, port: int = 0) -> str:
        url = super().start(port)
        for account in self.by_key.values():
            account.url = url
        return url

    def add_account(self, name: str, *, private_key: str, sender: str = "") -> Account:
        """A merchant's account, opened by `private_key` or through the sign-in."""
        key = f"A{len(self.by_key) + 1:05d}"
        account = Account(
            key=key,
            name=name,
            sender=sender or f"hello@{name.lower().replace(' ', '-')}.example",
            url=self.url if self._server else "",
        )
        self.by_key[key], self.private_keys[private_key] = account, key
        return account

    # What tests and simulated shoppers do.

    def emails_to(self, address: str) -> list[DeliveredEmail]:
        """The mailbox of `address`, oldest first, over all accounts."""
        with self.lock:
            mails = [mail for account in self.by_key.values() for mail in account.mails]
        return sorted((mail for mail in mails if mail.to == address), key=lambda mail: mail.at)

    def pump(self) -> None:
        """File the events that wait in lagging accounts."""
        with self.lock:
            for account in self.by_key.values():
                account.pump()

    def click(self, mail: DeliveredEmail, url: str) -> Event:
        return self._report(mail, "Clicked Email", {"URL": url})

    def open(self, mail: DeliveredEmail) -> Event:
        return self._report(mail, "Opened Email", {})

    def bounce(self, mail: DeliveredEmail, kind: str = "Hard") -> Event:
        """A bounce that comes after the mail was taken; a hard one suppresses the address."""
        if kind == "Hard":
            self._suppress(mail, "HARD_BOUNCE")
        return self._report(mail, "Bounced Email", {"Bounce Type": kind})

    def complain(self, mail: DeliveredEmail) -> Event:
        self._suppress(mail, "SPAM_COMPLAINT")
        return self._report(mail, "Marked Email as Spam", {})

    def unsubscribe(self, mail: DeliveredEmail) -> Event:
        """The recipient uses the link in the mail."""
        account, profile = self._of(mail)
        with self.lock:
            return account.opt_out(profile)

    def signed_callback(
        self, account: Account, *, secret: str, since: datetime | None = None
    ) -> SignedCallback:
        """One delivery of Klaviyo's own events filed after `since`, signed at this moment."""
        with self.lock:
            events = [event for event in account.events if event.metric.maker == "Klaviyo"]
            kept = [event for event in events if since is None or event.at >= since][:1000]
            content = {
                "data": [_pushed(event) for event in kept],
                "meta": {
                    "klaviyo_account_id": account.key,
                    "klaviyo_webhook_id": f"wh_{account.key}",
                    "timestamp": clock.now().isoformat(),
                    "version": "2026-07-15",
                },
            }
        return sign(json.dumps(content).encode(), f"wh_{account.key}", secret)

    def limit(self, path: str, retry_after: int, times: int = 1, method: str | None = None) -> None:
        """Answer the next requests to `path` with 429."""
        problem = Problem(429, "throttled", "Request was throttled.", retry_after=retry_after)
        self.refuse(path, problem, times, method)

    def refuse(
        self, path: str, problem: Problem, times: int = 1, method: str | None = None
    ) -> None:
        """Answer the next requests to `path` with `problem`."""
        headers, body = problem.headers, problem.body()
        fault = Fault(path=path, method=method, status=problem.status, headers=headers, body=body)
        self.fail(fault, times)

    def authorize(self, request: Request) -> Response:
        """The merchant of the account named by `account`, or of the only one, agrees at once."""
        chosen = request.args.get("account") or next(iter(self.by_key))
        return self.sign_in.authorize(request, chosen)

    def token(self, request: Request) -> Response:
        return self.sign_in.token(request)

    def revoke(self, request: Request) -> Response:
        return self.sign_in.revoke(request)

    def follow_unsubscribe(self, request: Request, account_key: str, profile_key: str) -> Response:
        account = self.by_key[account_key]
        account.opt_out(account.profiles[profile_key])
        return Response("You are unsubscribed.", content_type="text/plain")

    def _of(self, mail: DeliveredEmail) -> tuple[Account, Profile]:
        account = self.by_key[mail.account_key]
        return account, account.profile({"email": mail.to})

    def _report(self, mail: DeliveredEmail, name: str, properties: Mapping[str, Any]) -> Event:
        with self.lock:
            account, profile = self._of(mail)
            return account.report(name, profile, {**mail.facts, **properties})

    def _suppress(self, mail: DeliveredEmail, reason: str) -> None:
        with self.lock:
            self._of(mail)[1].suppressions.append((reason, clock.now()))


def sign(body: bytes, webhook_id: str, secret: str) -> SignedCallback:
    """Sign `body` as Klaviyo does, over the body and the time in the header."""
    stamp = format_datetime(clock.now(), usegmt=True)
    signature = hmac.new(secret.encode(), body + stamp.encode(), hashlib.sha256).hexdigest()
    headers = {
        "content-type": "application/json",
        "klaviyo-signature": signature,
        "klaviyo-timestamp": stamp,
        "klaviyo-webhook-id": webhook_id,
    }
    return SignedCallback(headers=headers, body=body)


def _pushed(event: Event) -> dict[str, Any]:
    topic = event.metric.name.lower().replace(" ", "_")
    payload = {"data": event_item(event), "included": [profile_item(event.profile)]}
    return {"external_id": event.key, "topic": f"event:klaviyo.{topic}", "payload": payload}
