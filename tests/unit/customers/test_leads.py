"""The points of a lead: the tables of the brief, held by a cap, halved by time, never below 0."""

import pytest

from app.customers.leads import Known, Part, Scheme, Tier, lead_of, scheme_of
from app.stores.settings import LeadRules

B2B = scheme_of(
    LeadRules(
        companies=True, decision_maker_tag="boss", company_size_tag="large", industry_tag="tea"
    )
)
SHOP = scheme_of(LeadRules())


def score(scheme: Scheme, tags: tuple[str, ...] = (), **acts: int) -> int:
    times = {name: (count, 0) for name, count in acts.items()}
    return lead_of(scheme, Known(times, tags, unsubscribed=False, silent=False)).score


@pytest.mark.requirement(37, 38)
def test_each_factor_of_the_brief_has_its_points() -> None:
    assert [score(B2B, (tag,)) for tag in ("boss", "large", "tea")] == [20, 15, 15]
    assert [score(B2B, link_clicked=1), score(B2B, content_downloaded=1)] == [10, 15]
    assert [score(B2B, demo_requested=1), score(B2B, pricing_viewed=1)] == [50, 30]


@pytest.mark.requirement(39)
def test_who_left_or_is_silent_loses_points_and_nobody_falls_below_0() -> None:
    acts = {"demo_requested": (1, 0), "pricing_viewed": (1, 0)}

    lead = lead_of(B2B, Known(acts, (), unsubscribed=True, silent=True))

    assert lead.score == 10
    assert lead.parts[-2:] == (Part("unsubscribed", None, -50), Part("silent", None, -20))
    assert lead_of(B2B, Known({}, (), unsubscribed=True, silent=True)).score == 0


def test_one_kind_of_act_alone_makes_nobody_hot_and_opens_are_none() -> None:
    assert [score(B2B, link_clicked=n) for n in (1, 2, 3, 16)] == [10, 20, 20, 20]
    assert [score(B2B, demo_requested=n) for n in (1, 2)] == [50, 50]
    assert score(B2B, email_opened=16) == score(SHOP, email_opened=16) == 0


def test_what_is_older_than_thirty_days_counts_half() -> None:
    acts = {"content_downloaded": (0, 1), "pricing_viewed": (0, 1), "link_clicked": (1, 1)}

    lead = lead_of(B2B, Known(acts, (), unsubscribed=False, silent=False))

    assert {part.factor: (part.times, part.points) for part in lead.parts} == {
        "content_downloaded": (1, 7),
        "pricing_viewed": (1, 15),
        "link_clicked": (2, 15),
    }


@pytest.mark.requirement(40)
@pytest.mark.parametrize(
    ("tags", "acts", "tier"),
    [
        (("boss",), {"demo_requested": 1, "link_clicked": 1}, Tier.HOT),
        (("boss",), {"demo_requested": 1}, Tier.WARM),
        ((), {"demo_requested": 1}, Tier.WARM),
        (("boss",), {}, Tier.COLD),
        ((), {"content_downloaded": 1}, Tier.INACTIVE),
    ],
)
def test_four_tiers_leave_no_gap(tags: tuple[str, ...], acts: dict[str, int], tier: Tier) -> None:
    times = {name: (count, 0) for name, count in acts.items()}
    assert lead_of(B2B, Known(times, tags, unsubscribed=False, silent=False)).tier is tier


def test_a_shop_counts_what_shoppers_do_and_no_tags() -> None:
    assert score(SHOP, tags=("boss",), product_viewed=9, cart_filled=1, checkout_started=1) == 50
    assert score(SHOP, demo_requested=1) == 0
