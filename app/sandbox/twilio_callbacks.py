"""Posting callbacks as Twilio does: signed, by real HTTP, tried again, in whatever order is asked.

Works in the caller's own thread: nothing is sent behind anybody's back.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urldefrag

import httpx

TIMEOUT_SECONDS = 15.0


@dataclass(slots=True)
class Callback:
    """One request to the app. A fragment in the address says how often to try again."""

    address: str
    form: Mapping[str, str]
    token: str
    tries_left: int = field(init=False)
    on_any_failure: bool = field(init=False)

    def __post_init__(self) -> None:
        wishes = parse_qs(urldefrag(self.address).fragment)
        self.tries_left = 1 + int(wishes.get("rc", ["1"])[0])
        self.on_any_failure = wishes.get("rp", [""])[0] == "all"

    @property
    def url(self) -> str:
        return urldefrag(self.address).url


def signature(token: str, url: str, form: Mapping[str, str]) -> str:
    """https://www.twilio.com/docs/usage/security#validating-requests"""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.digest(token.encode(), text.encode(), hashlib.sha1)).decode()


class Postman:
    """The callbacks that wait. `tunnels` map a public address to where it really leads."""

    def __init__(self) -> None:
        self.waiting: list[Callback] = []
        self.tunnels: dict[str, str] = {}

    def take(self, backwards: bool, twice: bool) -> list[Callback]:
        """All that waits, in the order in which to post it."""
        due, self.waiting = self.waiting, []
        ordered = due[::-1] if backwards else due
        return [callback for callback in ordered for _ in range(2 if twice else 1)]

    def post(self, callback: Callback) -> int | None:
        """The app's status; None when it did not answer. A failure waits for its next try."""
        callback.tries_left -= 1
        status = self._send(callback)
        failed = status is None or (status >= 400 and callback.on_any_failure)
        if failed and callback.tries_left > 0:
            self.waiting.append(callback)
        return status

    def _send(self, callback: Callback) -> int | None:
        headers = {"X-Twilio-Signature": signature(callback.token, callback.url, callback.form)}
        try:
            answer = httpx.post(
                self._route(callback.url),
                data=dict(callback.form),
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                trust_env=False,
            )
        except httpx.TransportError:
            return None
        return answer.status_code

    def _route(self, url: str) -> str:
        for public, local in self.tunnels.items():
            if url.startswith(public):
                return local + url.removeprefix(public)
        return url
