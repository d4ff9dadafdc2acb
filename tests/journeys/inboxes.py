"""Mailboxes and phones as their owners see them."""

import re
from collections.abc import Sequence

import httpx

from app.sandbox.klaviyo import DeliveredEmail
from app.sandbox.twilio_records import DeliveredText
from tests.journeys.people import Someone
from tests.journeys.stage import Stage

BROWSER = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
_LINK = re.compile(r"https?://[^\s\"'<>]+/l/[\w-]+")
_CODE = re.compile(r"\b[A-Z0-9]{2,6}-[BCDFGHJKMNPQRTVWXY346789]{8}\b")


class _Reader:
    """Somebody with a browser."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    def click(self, message: DeliveredEmail | DeliveredText) -> httpx.Response:
        """Follow the first link; where it leads to is another site."""
        found = _LINK.search(text_of(message))
        assert found is not None, "the message carries no link"
        return self._browse("GET", found.group())

    def answer(self, message: DeliveredEmail | DeliveredText, score: int) -> httpx.Response:
        """Follow the link to the question, and give a score on our page."""
        page = self.click(message).headers["location"]
        assert "/s/" in page, "the message asks no question"
        return self._browse("POST", page, score=str(score))

    def _browse(self, method: str, url: str, **data: str) -> httpx.Response:
        with httpx.Client(headers={"User-Agent": BROWSER}, trust_env=False) as browser:
            response = browser.request(method, url, data=data or None)
        self.stage.settle()
        return response


class Mailboxes(_Reader):
    """Every mailbox there is."""

    @property
    def sent(self) -> list[DeliveredEmail]:
        """Every mail that arrived anywhere, oldest first."""
        accounts = self.stage.mail.by_key.values()
        mails = [mail for account in accounts for mail in account.mails]
        return sorted(mails, key=lambda mail: mail.at)

    def to(self, who: Someone) -> list[DeliveredEmail]:
        """One person's mails, whatever address they came to."""
        mine = {who.email, who.work_email}
        return [mail for mail in self.sent if mail.to in mine]

    def subjects(self, who: Someone) -> list[str]:
        return [mail.subject for mail in self.to(who)]

    def unsubscribe(self, mail: DeliveredEmail) -> None:
        """They use the link at the foot of the mail, which is Klaviyo's."""
        self.stage.mail.unsubscribe(mail)


class Phones(_Reader):
    """Every phone there is."""

    @property
    def sent(self) -> list[DeliveredText]:
        """Every text of ours that arrived anywhere, oldest first."""
        texts = self.stage.phones.messages
        return [t.delivered() for t in texts if t.arrived_at and t.direction == "outbound-api"]

    def to(self, who: Someone) -> list[DeliveredText]:
        texts = self.stage.phones.messages
        mine = [t for t in texts if t.number == who.phone and t.direction == "outbound-api"]
        return [text.delivered() for text in mine if text.arrived_at]

    def bodies(self, who: Someone) -> list[str]:
        return [text.body for text in self.to(who)]

    def reply(self, who: Someone, body: str, channel: str = "sms") -> None:
        assert who.phone is not None
        self.stage.phones.reply(who.phone, body, channel)
        self.stage.settle()


def code_in(message: DeliveredEmail | DeliveredText) -> str:
    """The discount code a message shows."""
    found: set[str] = set(_CODE.findall(text_of(message)))
    assert len(found) == 1, f"a message shows one code, this one {len(found)}"
    return found.pop()


def codes_in(messages: Sequence[DeliveredEmail | DeliveredText]) -> set[str]:
    """Every code these messages show."""
    return {code for message in messages for code in _CODE.findall(text_of(message))}


def text_of(message: DeliveredEmail | DeliveredText) -> str:
    return message.html if isinstance(message, DeliveredEmail) else message.body
