"""Nights in which clocks are changed, and a leap day: who is reminded, when, and how often. What is
expected is found here by looking at every minute of the night, and by no rule of the app."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from tests.faults.lives import CAPS
from tests.faults.swept import SweptStage
from tests.journeys.inboxes import Mailboxes, Phones
from tests.journeys.people import Someone, someone
from tests.journeys.shopify_shop import ShopifyStoryShop

FLOW = """
flow: night
name: {en: Night}
languages: [en]
purpose: cart
trigger: {event: cart_abandoned}
holdout: 0%
steps:
  - send: {channel: email, message: reminder, deadline: 40 hours}
  - send: {channel: sms, message: reminder, deadline: 40 hours}
messages:
  reminder:
    email: {en: {subject: Your cart, body: "{{ greeting }} Your cart."}}
    sms: {en: {text: Your cart.}}
"""
MINUTE, STEP = timedelta(minutes=1), timedelta(minutes=30)
IDLE = timedelta(minutes=10)
ARRIVALS = (0, 165, 250, 310, 340, 370, 400, 460, 840)
"""Minutes after the evening began."""
LONG = timedelta(hours=38)
LONGEST_JUMP = timedelta(days=60)
"""A refresh token that nobody uses dies after ninety days."""


@dataclass(frozen=True)
class Night:
    """From `evening` on, by the clock of `zone`. The shop's hours open or close in the hour that is
    missing or comes twice."""

    zone: str
    evening: str
    opens: str
    closes: str

    @property
    def begins_at(self) -> datetime:
        local = datetime.fromisoformat(self.evening).replace(tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)

    def is_open(self, moment: datetime) -> bool:
        local = moment.astimezone(ZoneInfo(self.zone))
        return self.opens <= f"{local:%H:%M}" < (self.closes if self.closes > "00:00" else "24:00")

    def first_open(self, moment: datetime) -> datetime:
        while not self.is_open(moment):
            moment += MINUTE
        return moment


LONDON, NEW_YORK = "Europe/London", "America/New_York"
LORD_HOWE, SANTIAGO = "Australia/Lord_Howe", "America/Santiago"
NIGHTS = (
    Night(NEW_YORK, "2026-03-07T20:00", "02:30", "23:00"),
    Night(LONDON, "2026-03-28T20:00", "01:30", "23:00"),
    Night(LORD_HOWE, "2026-04-04T20:00", "01:45", "23:00"),
    Night(LORD_HOWE, "2026-10-03T20:00", "02:15", "23:00"),
    Night(LONDON, "2026-10-24T20:00", "01:30", "23:00"),
    Night(NEW_YORK, "2026-10-31T20:00", "01:30", "23:00"),
    Night(SANTIAGO, "2027-04-03T20:00", "10:00", "23:30"),
    Night(SANTIAGO, "2027-09-04T20:00", "00:30", "23:00"),
    Night(LONDON, "2028-02-28T20:00", "08:00", "21:00"),
    Night(LONDON, "2028-02-29T20:00", "08:00", "21:00"),
)
"""Forwards and backwards in four zones; into a leap day, and out of it."""


@dataclass
class Count:
    """What the nights came to."""

    due: int = 0
    lost: int = 0
    duplicated: int = 0
    in_quiet_hours: int = 0
    late: int = 0

    @property
    def wrong(self) -> int:
        return self.lost + self.duplicated + self.in_quiet_hours + self.late


def shop_in(stage: SweptStage, zone: str) -> ShopifyStoryShop:
    domain = f"{zone.lower().replace('/', '-').replace('_', '-')}.myshopify.com"
    shop = ShopifyStoryShop(stage, domain, timezone=zone, country="GB", locale="en", currency="GBP")
    shop.joins()
    shop.chooses(cart_idle_minutes=10, caps=dict.fromkeys(CAPS, 20))
    shop.chooses(postal_address="1 Harbour Street, Whitby")
    shop.runs_file(FLOW)
    return shop


def travel(moment: datetime, shops: Collection[ShopifyStoryShop]) -> None:
    """To the hour before a night begins, with every shop's tokens kept alive on the way."""
    clock = next(iter(shops)).stage.clock
    while clock.moment < moment - timedelta(hours=1):
        clock.moment = min(moment - timedelta(hours=1), clock.moment + LONGEST_JUMP)
        for shop in shops:
            shop.stage.asks("watch", shop.store_id)  # type: ignore[attr-defined]


def live_through(
    night: Night, shop: ShopifyStoryShop, count: Count, long: timedelta = LONG
) -> None:
    """Everybody leaves a cart at their own moment, and the night passes in small steps."""
    shop.chooses(quiet_hours={"opens": night.opens, "closes": night.closes})
    arrivals = [minutes for minutes in ARRIVALS if minutes * MINUTE < long / 2]
    people = [_shopper(night, minutes) for minutes in arrivals]
    for who in people:
        shop.signs_up(who)
    left: dict[str, datetime] = {}
    moment = night.begins_at
    while moment <= night.begins_at + long:
        shop.stage.clock.moment = moment
        for who, minutes in zip(people, arrivals, strict=True):
            if who.name not in left and moment >= night.begins_at + minutes * MINUTE:
                left[who.name] = moment
                shop.cart(who)
        shop.stage.asks("rhythm", shop.store_id)  # type: ignore[attr-defined]
        shop.stage.settle()
        moment += STEP
    for who in people:
        _count(night, shop, who, left[who.name], count)


def _shopper(night: Night, minutes: int) -> Someone:
    """Without a number they are where their shop is; a British number is in London."""
    name = f"{night.zone[-4:].lower()}{night.begins_at:%y%m%d}x{minutes}"
    if night.zone != LONDON:
        return someone(name, country=None, locale="en", agrees=("email",))
    number = f"+4474{night.begins_at:%m%d}{minutes:04d}"
    return someone(name, country="GB", locale="en", phone=number, agrees=("email", "sms"))


def _count(
    night: Night, shop: ShopifyStoryShop, who: Someone, left_at: datetime, count: Count
) -> None:
    mails = [mail.at for mail in Mailboxes(shop.stage).to(who)]
    texts = [text.at for text in Phones(shop.stage).to(who)]
    for moments in (mails, texts) if who.phone else (mails,):
        count.due += 1
        count.lost += not moments
        count.duplicated += max(0, len(moments) - 1)
        count.in_quiet_hours += sum(not night.is_open(at) for at in moments)
    # The law has later hours for texts; a mail goes with the first step that finds the shop open.
    latest = night.first_open(left_at + IDLE + 2 * STEP) + 2 * STEP
    count.late += sum(at > latest for at in mails)
