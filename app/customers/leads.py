"""How near to a purchase somebody is: points for what they did and are, less for what they left.
Pure, and with every part that the sum is made of (requirements #37 to #40, C18).

Two tables of points, one rule. Each act counts in full for thirty days and half for the thirty
before; all of one kind together never count more than the cap, or than one of them does. What a
mail program opens by itself is no act, and nothing is counted for opens at all. A score says
nothing of consent.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from app.customers.lately import CART
from app.stores.settings import LeadRules


class Tier(StrEnum):
    HOT = "hot"
    WARM = "warm"
    COLD = "cold"
    INACTIVE = "inactive"


LEAST: Mapping[Tier, int] = MappingProxyType({Tier.HOT: 80, Tier.WARM: 50, Tier.COLD: 20})
"""The least score of each tier above the last."""
UNSUBSCRIBED, SILENT = -50, -20
SILENT_FOR = timedelta(days=30)
ORDER = "order_placed"
"""No act, but counted as one: the latest order."""

COMMERCE: Mapping[str, int] = MappingProxyType(
    {
        "product_viewed": 5,
        "link_clicked": 10,
        CART: 10,
        "score_given": 10,
        "checkout_started": 20,
        ORDER: 30,
    }
)
COMPANIES: Mapping[str, int] = MappingProxyType(
    {"link_clicked": 10, "content_downloaded": 15, "pricing_viewed": 30, "demo_requested": 50}
)
"""What each act is worth; the second table is that of the brief, without opens."""
TRAITS: Mapping[str, int] = MappingProxyType(
    {"decision_maker": 20, "company_size": 15, "industry": 15}
)
"""What is known of somebody by a tag whose name the merchant chooses; for companies only."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """What one store counts. `traits`: points by tag, for each trait that has one."""

    acts: Mapping[str, int]
    traits: Mapping[str, tuple[str, int]]
    cap: int


def scheme_of(rules: LeadRules) -> Scheme:
    if not rules.companies:
        return Scheme(COMMERCE, {}, rules.cap)
    tags = {name: getattr(rules, f"{name}_tag") for name in TRAITS}
    traits = {name: (tag, TRAITS[name]) for name, tag in tags.items() if tag}
    return Scheme(COMPANIES, traits, rules.cap)


@dataclass(frozen=True, slots=True)
class Known:
    """What a score is made of. `acts`: how often in the last thirty days, and in those before."""

    acts: Mapping[str, tuple[int, int]]
    tags: Collection[str]
    unsubscribed: bool
    silent: bool


@dataclass(frozen=True, slots=True)
class Part:
    """`times` is None for what is or is not so."""

    factor: str
    times: int | None
    points: int


@dataclass(frozen=True, slots=True)
class Lead:
    score: int
    parts: tuple[Part, ...]

    @property
    def tier(self) -> Tier:
        return next((tier for tier, least in LEAST.items() if self.score >= least), Tier.INACTIVE)


def lead_of(scheme: Scheme, known: Known) -> Lead:
    """The score, never below 0, and its parts."""
    parts = [
        Part(name, recent + before, _worth(scheme, worth, recent, before))
        for name, worth in scheme.acts.items()
        for recent, before in [known.acts.get(name, (0, 0))]
        if recent + before
    ]
    parts += [Part(n, None, p) for n, (tag, p) in scheme.traits.items() if tag in known.tags]
    parts += [Part("unsubscribed", None, UNSUBSCRIBED)] if known.unsubscribed else []
    parts += [Part("silent", None, SILENT)] if known.silent else []
    return Lead(max(0, sum(part.points for part in parts)), tuple(parts))


def _worth(scheme: Scheme, worth: int, recent: int, before: int) -> int:
    return min(max(scheme.cap, worth), worth * (2 * recent + before) // 2)
