"""Mailboxes and phones as their owners use them: reading, clicking, answering, refusing."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import httpx

from app import clock
from app.sandbox.klaviyo import KlaviyoWorld
from app.sandbox.klaviyo_account import DeliveredEmail
from app.sandbox.town.people import Resident
from app.sandbox.twilio import TwilioWorld

_LINK = re.compile(r"https?://[^\s\"'<>]+/l/[\w-]+")
_SURVEY = re.compile(r"https?://[^\s\"'<>]+/s/[\w.~-]+")
_CODE = re.compile(r"\b[A-Z]{2,12}-[A-Z0-9]{4,12}\b")


@dataclass(slots=True, kw_only=True)
class Reading:
    """A message somebody has just seen, and what they can do with it. `score`: a survey's link."""

    who: Resident
    code: str | None
    score: str | None
    click: Callable[[], None]
    refuse: Callable[[], object]
    answer: Callable[[int], None]


class Letters:
    """Every mailbox and phone of the town. Clicks are real requests to the app."""

    def __init__(self, mail: KlaviyoWorld, phones: TwilioWorld, web: httpx.Client) -> None:
        self._mail, self._phones, self._web = mail, phones, web
        self._mails_sorted: dict[str, int] = {}
        self._boxes: defaultdict[str, list[DeliveredEmail]] = defaultdict(list)
        self._texts_seen: set[str] = set()
        self.refused: dict[str, datetime] = {}
        """Addresses and numbers whose owner has had enough, and since when."""

    def new_for(self, people: Mapping[str, Resident]) -> Iterator[Reading]:
        """What has arrived since the last look for these people, by e-mail address and phone."""
        self._sort_mail()
        for address in people:
            for mail in self._boxes.pop(address, ()):
                leave = partial(self._mail.unsubscribe, mail)
                yield self._reading(people[address], mail.html, self._refusing(address, leave))
        for text in self._phones.messages:
            if text.arrived_at and text.number in people and text.sid not in self._texts_seen:
                self._texts_seen.add(text.sid)
                stop = partial(self._phones.reply, text.number, "STOP")
                refuse = self._refusing(text.number, stop)
                yield self._reading(people[text.number], text.delivered().body, refuse)

    def _sort_mail(self) -> None:
        """One crowd after the other asks for its own: what is for another stays in its box."""
        for account in list(self._mail.by_key.values()):
            for mail in account.mails[self._mails_sorted.get(account.key, 0) :]:
                self._boxes[mail.to].append(mail)
            self._mails_sorted[account.key] = len(account.mails)

    def _refusing(self, address: str, leave: Callable[[], object]) -> Callable[[], object]:
        def refuse() -> None:
            leave()
            self.refused.setdefault(address, clock.now())

        return refuse

    def _reading(self, who: Resident, text: str, refuse: Callable[[], object]) -> Reading:
        link, survey, code = _LINK.search(text), _SURVEY.search(text), _CODE.search(text)
        return Reading(
            who=who,
            code=code.group() if code else None,
            score=survey.group() if survey else None,
            click=lambda: self._get(link.group()) if link else None,
            refuse=refuse,
            answer=lambda given: self._post(survey.group(), given) if survey else None,
        )

    def _get(self, url: str) -> None:
        self._web.get(url, follow_redirects=False)

    def _post(self, url: str, score: int) -> None:
        self._web.post(url, data={"score": str(score)})
