"""What a merchant can choose, typed, with every default in one place. Kept in `stores.settings`."""

from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Annotated, Any

from email_validator import validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    model_validator,
)

from app.errors import InvalidInput
from app.law_data import Purpose
from app.quiet import Windows

TIME_OF_DAY = r"^([01]\d|2[0-3]):[0-5]\d$"


def _price(given: object) -> str:
    """Any number as the text of a decimal. Raises ValueError."""
    try:
        price = Decimal(str(given).strip().replace(",", "."))
    except InvalidOperation:
        raise ValueError("a price is a number, such as 7 or 0.83") from None
    if not price.is_finite() or not 0 <= price <= 10_000:
        raise ValueError("a price lies between 0 and 10000")
    return f"{price.normalize():f}"


def _address(given: str) -> str:
    """An address as it is written to, or nothing. Raises ValueError."""
    if not given.strip():
        return ""
    return validate_email(given.strip(), check_deliverability=False).normalized


Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Price = Annotated[str, BeforeValidator(_price)]
"""Of one part of a text, in minor units and their fractions: 0.83 of a cent is a price."""
MOST_MINOR = 10**12


def _or_never(given: object) -> object:
    return None if given in (0, "0", "") else given


Months = Annotated[Annotated[int, Field(ge=12, le=120)] | None, BeforeValidator(_or_never)]
"""None, which is also written 0, is never. Less than a year would forget whoever buys every
Christmas, and flows look back a year."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Hours(_Part):
    """A daily window in the recipient's own time, `HH:MM`. Messages leave inside it only.

    It closes on the day it opens; 00:00 is the midnight that ends it.
    """

    opens: str = Field("10:00", pattern=TIME_OF_DAY)
    closes: str = Field("20:00", pattern=TIME_OF_DAY)

    @model_validator(mode="after")
    def _closes_later(self) -> "Hours":
        first, last = self.span
        if first >= last:
            raise ValueError("closes must be later than opens; 00:00 is the end of the day")
        return self

    @property
    def span(self) -> tuple[int, int]:
        """Minutes after midnight: from, until."""
        return _minutes(self.opens), _minutes(self.closes) or 24 * 60

    @property
    def windows(self) -> Windows:
        """The same window on every day of the week."""
        return Windows((self.span,) * 7)


def _minutes(text: str) -> int:
    hour, _, minute = text.partition(":")
    return int(hour) * 60 + int(minute)


class Caps(_Part):
    """The attention budget of one person over all flows (messaging.md 3.3)."""

    email_per_day: int = Field(1, ge=0, le=24)
    email_per_week: int = Field(4, ge=0, le=168)
    sms_per_day: int = Field(1, ge=0, le=24)
    sms_per_week: int = Field(2, ge=0, le=168)
    sms_per_month: int = Field(6, ge=0, le=744)
    whatsapp_per_day: int = Field(1, ge=0, le=24)
    promotional_per_day: int = Field(1, ge=0, le=24)


class OfferBudget(_Part):
    """What codes may cost in a calendar month of the store's zone; None is no limit."""

    month_minor: int | None = Field(None, ge=0, le=MOST_MINOR)
    assumed_order_minor: int = Field(5_000, ge=0, le=MOST_MINOR)


class CreditWindows(_Part):
    """Days after a touch in which an order is credited to the message."""

    email_days: int = Field(5, ge=1, le=90)
    sms_days: int = Field(2, ge=1, le=90)
    whatsapp_days: int = Field(2, ge=1, le=90)


def _rising(given: tuple[int, ...]) -> tuple[int, ...]:
    """Raises ValueError for bounds that do not rise."""
    if any(first >= second for first, second in pairwise(given)):
        raise ValueError("each number must be larger than the one before it")
    return given


Bound = Annotated[int, Field(ge=1, le=3_650)]
FourBounds = Annotated[tuple[Bound, Bound, Bound, Bound], AfterValidator(_rising)]
FiveBounds = Annotated[tuple[Bound, Bound, Bound, Bound, Bound], AfterValidator(_rising)]


class StandingBounds(_Part):
    """Where grades and states begin: days since the last order for each grade of recency below the
    fifth, orders for each of frequency above the first, days of silence for each state after
    "active". By rhythm the last follow from how often the store's own customers buy. `money_days`:
    over how many days back money is graded, 0 for all that was ever spent."""

    recency_days: FourBounds = (7, 30, 60, 91)
    orders: FourBounds = (2, 4, 6, 10)
    money_days: int = Field(0, ge=0, le=3_650)
    silent_days: FiveBounds = (14, 30, 45, 60, 91)
    silent_by_rhythm: bool = False


Tag = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255)]


class LeadRules(_Part):
    """How leads are scored: by the table for companies, or by that for a shop; how much all acts of
    one kind count at most; which tags say that a trait of a company's buyer is there."""

    companies: bool = False
    cap: int = Field(20, ge=0, le=200)
    decision_maker_tag: Tag = ""
    company_size_tag: Tag = ""
    industry_tag: Tag = ""


class StoreSettings(_Part):
    cart_idle_minutes: int = Field(60, ge=10, le=1_440)
    cart_expires_days: int = Field(30, ge=1, le=365)
    quiet_hours: Hours = Hours()
    caps: Caps = Caps()
    offers: OfferBudget = OfferBudget()
    credit: CreditWindows = CreditWindows()
    standing: StandingBounds = StandingBounds()
    lead: LeadRules = LeadRules()
    acquisition_cost_minor: int | None = Field(None, ge=1, le=MOST_MINOR)
    """What it costs to win one customer; None: nobody has said."""
    low_score: int = Field(5, ge=0, le=6)
    sends_when_shop_is_unreachable: bool = False
    forget_people_after_months: Months = 36
    refusal_offered_at_checkout: bool = False
    confirmed_opt_in_where_expected: bool = True
    sender_name: str = ""
    postal_address: str = ""
    support_url: str = ""
    notify_email: Annotated[str, AfterValidator(_address)] | None = None
    """Where notices go. None: to the shop's own address; empty: only on the page."""
    sms_consent_names: tuple[Purpose, ...] = ()
    sms_price_minor: dict[Country, Price] = Field(default_factory=dict)
    sms_segments_per_second: float = Field(1.0, gt=0, le=1_000, allow_inf_nan=False)
    whatsapp_templates: dict[str, str] = Field(default_factory=dict)
    low_balance: Decimal = Field(Decimal(10), ge=0, le=1_000_000, allow_inf_nan=False)
    """In the currency of the account with Twilio; 0 is told only when nothing is left."""


def read_settings(stored: dict[str, Any]) -> StoreSettings:
    """The settings of a store row. Raises InvalidInput naming the field that cannot be."""
    try:
        return StoreSettings.model_validate(stored)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(str(part) for part in problem["loc"])
        raise InvalidInput(f"settings.{field}", problem["msg"]) from error
