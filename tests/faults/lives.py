"""What one person goes through while the process dies at a named point: each life passes some of
the points, and says what must have come of it whatever died on the way."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.points import Point
from app.sandbox.server import Fault
from app.stores.credentials import mark_broken
from app.stores.install import save_channel
from app.tenancy import store_transaction
from tests.faults.swept import LEASE, SweptStage
from tests.journeys.inboxes import Mailboxes, Phones, code_in
from tests.journeys.people import someone
from tests.journeys.shopify_shop import ShopifyStoryShop
from tests.journeys.stage import StageClock

FLOW = """
flow: points
name: {it: Punti}
languages: [it]
purpose: cart
trigger: {event: cart_abandoned}
holdout: 0%
steps:
  - offer: {name: thanks, percent: 10, expires: {after: 4 days}}
  - send: {channel: email, message: reminder, offer: thanks, deadline: 16 hours}
  - send: {channel: sms, message: reminder, deadline: 16 hours}
  - webhook: {url: "MERCHANT/merchant"}
messages:
  reminder:
    email: {it: {subject: Il tuo carrello, body: "{{ greeting }} {{ offer.code }}"}}
    sms: {it: {text: Il tuo carrello.}}
"""
CAPS = ("email_per_day", "email_per_week", "sms_per_day", "sms_per_week", "promotional_per_day")
SATURDAY = 5
WINTER = datetime(2026, 1, 8, 9, 0, tzinfo=UTC)
"""No holiday of Italy for three months: on one, no shop may text."""
EVENTS = Fault(path="/api/events", method="POST", hang_up=True)
SUBJECT = "Il tuo carrello"


@dataclass
class Tally:
    """What all these lives came to."""

    due: int = 0
    lost: int = 0
    duplicated: int = 0
    after_purchase: int = 0

    def count(self, due: int, arrived: int, bought: bool) -> None:
        self.due += due
        self.lost += max(0, due - arrived)
        if bought:
            self.after_purchase += max(0, arrived - due)
        else:
            self.duplicated += max(0, arrived - due)


def shop_on(stage: SweptStage) -> ShopifyStoryShop:
    """One shop for all lives: each meets what the one before has left behind."""
    opened = ShopifyStoryShop(stage)
    opened.joins()
    opened.chooses(cart_idle_minutes=10, caps=dict.fromkeys(CAPS, 20))
    opened.runs_file(FLOW.replace("MERCHANT", stage.ears.url))
    return opened


def begin_a_new_day(clock: StageClock) -> None:
    """Not a Sunday, on which no shop may text an Italian."""
    days = 2 if clock.moment.weekday() == SATURDAY else 1
    clock.moment = (clock.moment + timedelta(days=days)).replace(hour=9, minute=0)


class Life:
    """One person of one shop."""

    def __init__(self, shop: ShopifyStoryShop, number: int, tally: Tally | None = None) -> None:
        assert isinstance(shop.stage, SweptStage)
        self.shop, self.stage, self.number = shop, shop.stage, number
        self.tally = tally or Tally()
        self.bought = False
        self.ana = someone(
            f"ana{number}", phone=f"+39347{2_000_000 + number}", agrees=("email", "sms")
        )

    def signs_up(self) -> None:
        """A consent that comes after a reminder's moment refuses it, rightly; so it comes first."""
        self.shop.signs_up(self.ana)
        while self.shop.world.office.waiting:
            self.stage.clock.moment += timedelta(minutes=1)
            self.stage.settle()

    def leaves_a_cart(self) -> Any:
        return self.shop.cart(self.ana)

    def goes_on(self, steps: int = 1) -> None:
        """A lease's time passes, as often as it is said, and all who are asked do their work."""
        for _ in range(steps):
            self.stage.clock.moment += LEASE
            self.asks("rhythm")
            self.stage.settle()
        self.asks("receipts")
        self.stage.settle()

    def asks(self, duty: str) -> None:
        self.stage.asks(duty, self.shop.store_id)

    # What must have come of it.

    def got(self, mails: int, texts: int) -> None:
        """So many reminders each way, and never more than one code."""
        mine = Mailboxes(self.stage).to(self.ana)
        phone = Phones(self.stage).to(self.ana)
        self.tally.count(mails, len(mine), self.bought)
        self.tally.count(texts, len(phone), self.bought)
        assert [mail.subject for mail in mine] == [SUBJECT] * mails, self.shop.tell(self.ana)
        assert len(phone) == texts, self.shop.tell(self.ana)
        assert len(self.shop.offers(self.ana)) <= 1
        for mail in mine:
            assert self.shop.codes().count(code_in(mail)) == 1

    def was_called_about(self) -> None:
        """The merchant's server heard of this person: perhaps twice, but of one delivery."""
        heard = self.stage.ears.merchant_heard
        mine = [delivery for delivery, body in heard if body["customer"]["email"] == self.ana.email]
        assert len(set(mine)) == 1
        assert len(mine) <= 2


def is_reminded(life: Life) -> None:
    """The whole way: kept, applied, entered, a code, a mail, a text, their receipts."""
    life.signs_up()
    life.leaves_a_cart()
    life.goes_on(6)
    life.got(mails=1, texts=1)
    life.was_called_about()
    states = {message.channel: message.status for message in life.shop.messages(life.ana)}
    assert states["sms"] == "delivered"
    assert states["email"] in {"accepted", "delivered"}


def loses_answers(life: Life) -> None:
    """Both providers have it, nobody heard them say so, and their callbacks are late as well."""
    life.stage.holds_callbacks = True
    _lose(life, mail_was_taken=True)
    life.stage.holds_callbacks = False
    life.goes_on()
    life.got(mails=1, texts=1)


def loses_a_call(life: Life) -> None:
    """Klaviyo never had the first call; Twilio had it, and its callback tells."""
    _lose(life, mail_was_taken=False)
    life.got(mails=1, texts=1)


def _lose(life: Life, mail_was_taken: bool) -> None:
    life.signs_up()
    text = Fault(path="/2010-04-01/", method="POST", after=True, hang_up=True)
    life.stage.mail.fail(replace(EVENTS, after=mail_was_taken))
    life.stage.phones.fail(text)
    life.leaves_a_cart()
    life.goes_on(5)


def buys_in_silence(life: Life) -> None:
    """The order's webhook has not come; only the look at the shop itself can know."""
    life.signs_up()
    basket = life.leaves_a_cart()
    life.shop.falls_silent()
    life.shop.places_order(life.ana, basket)
    life.bought = True
    life.goes_on(3)
    life.got(mails=0, texts=0)
    life.shop.speaks_again()
    life.goes_on(2)
    life.got(mails=0, texts=0)
    assert life.shop.carts(life.ana) == ["ordered"]


def waits_for_the_phone(life: Life) -> None:
    """The account for texts is refused for a while: the text waits, and goes once."""
    _without_texts(life)
    life.goes_on(6)
    life.got(mails=1, texts=1)


def buys_while_the_text_waits(life: Life) -> None:
    basket = _without_texts(life)
    life.shop.buys(life.ana, basket=basket)
    life.bought = True
    life.goes_on(6)
    life.got(mails=1, texts=0)


def _without_texts(life: Life) -> Any:
    """A cart is left and the mail has gone; the text could not, and can again from now on."""
    life.signs_up()
    with store_transaction(life.shop.store_id) as session:
        mark_broken(session, life.shop.store_id, "twilio", "401")
    basket = life.leaves_a_cart()
    life.goes_on(2)
    life.got(mails=1, texts=0)
    save_channel(life.stage.config, life.shop.store_id, life.shop.twilio)
    return basket


def is_refused_by_the_carrier(life: Life) -> None:
    """Who said STOP to the carrier is known there, and not yet here."""
    life.signs_up()
    assert life.ana.phone is not None
    life.stage.phones.mark(life.ana.phone, 21610)
    life.leaves_a_cart()
    life.goes_on(4)
    life.got(mails=1, texts=0)
    assert life.shop.consent(life.ana, "sms") == "unsubscribed"


def says_stop(life: Life) -> None:
    """A reply ends the texts here, and at the shop as well."""
    life.signs_up()
    life.leaves_a_cart()
    life.goes_on(2)
    Phones(life.stage).reply(life.ana, "STOP")
    life.goes_on(3)
    life.got(mails=1, texts=1)
    assert life.shop.consent(life.ana, "sms") == "unsubscribed"
    assert life.shop.consent_of(life.ana, "sms") == "unsubscribed"


LIVES: dict[Point, Callable[[Life], None]] = {
    Point.ORDERS_FOUND: buys_in_silence,
    Point.MESSAGES_SET_ASIDE: waits_for_the_phone,
    Point.MESSAGE_ENDED: buys_while_the_text_waits,
    Point.REFUSAL_RECORDED: is_refused_by_the_carrier,
    Point.LOST_CLAIMED: loses_answers,
    Point.LOST_LOOKED_UP: loses_answers,
    Point.LOST_SETTLED: loses_answers,
    Point.REPEAT_MARKED: loses_a_call,
    Point.REPLY_TAKEN: says_stop,
    Point.CHOICES_CLAIMED: says_stop,
    Point.CHOICE_TOLD: says_stop,
    Point.CHOICE_RECORDED: says_stop,
}
"""The life that passes a point; every other point lies on the way of `is_reminded`, or is passed by
one of `errands`."""
