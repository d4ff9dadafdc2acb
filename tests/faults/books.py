"""What reached whom, from the providers' own books, read on from where they were left."""

import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from app.sandbox.klaviyo import DeliveredEmail, KlaviyoWorld
from app.sandbox.twilio import TwilioWorld
from tests.faults.shoppers import Shopper

CODE = re.compile(r"Your code: ([A-Z0-9]+-[A-Z0-9]{8})")


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message in a mailbox or on a phone."""

    kind: str
    channel: str
    at: datetime
    code: str | None = None

    @property
    def shows_code(self) -> bool:
        return (self.kind, self.channel) == ("cart", "email")


class Books:
    """By address. Every message is read once, however often it is asked for."""

    def __init__(self, mail: KlaviyoWorld, phones: TwilioWorld) -> None:
        self._mail, self._phones = mail, phones
        self._mails_read: defaultdict[str, int] = defaultdict(int)
        self._texts_read = 0
        self.codes: set[str] = set()
        """Every code that was ever shown."""
        self._arrived: defaultdict[str, list[Arrival]] = defaultdict(list)

    def arrived(self, shopper: Shopper) -> list[Arrival]:
        who = shopper.who
        return [*self._arrived.get(who.email, ()), *self._arrived.get(who.phone, ())]

    def read(self) -> None:
        """Catch up with what the providers have taken since."""
        with self._mail.lock:
            for account in self._mail.by_key.values():
                for mail in account.mails[self._mails_read[account.key] :]:
                    arrival = _mail(mail)
                    self._arrived[mail.to].append(arrival)
                    self.codes.update([arrival.code] if arrival.code else ())
                self._mails_read[account.key] = len(account.mails)
        with self._phones.lock:
            texts = self._phones.books.messages
            for text in texts[self._texts_read :]:
                if text.direction != "inbound":
                    kind = "cart" if "cart" in text.body else "order"
                    self._arrived[text.number].append(Arrival(kind, "sms", text.created_at))
            self._texts_read = len(texts)


def _mail(mail: DeliveredEmail) -> Arrival:
    code = CODE.search(mail.text) or CODE.search(mail.html)
    kind = "cart" if mail.subject == "Your cart" else "order"
    return Arrival(kind, "email", mail.at, code and code.group(1))
