"""A segment as a line of a table: its size, whether it grows, its worth, its risk, what to do."""

from app import money
from app.models import Store
from app.segments.health import Health
from app.segments.presets import PRESETS
from app.segments.risk import By, Risk

HEADS = ("segment", "people", "trend", "spent on average", "risk of leaving", "to do")
_ARROWS = {"up": "↑ growing", "level": "→ level", "down": "↓ shrinking", "new": ""}
_BY = {By.PREDICTION: "predicted of", By.SILENCE: "silent, of"}


def row_of(shop: Store, each: Health) -> tuple[str, ...]:
    action = PRESETS[each.segment.slug].actions["en"] if each.segment.slug in PRESETS else ""
    today = each.today
    if today is None:
        return each.segment.slug, "", "", "", "", action
    mean = today.mean_spent_minor
    return (
        each.segment.slug,
        str(today.people),
        _ARROWS[each.trend],
        "" if mean is None else money.format_money(mean, shop.currency, "en"),
        _told(each.risk),
        action,
    )


def _told(risk: Risk | None) -> str:
    """With what it goes by, and of how many people."""
    return f"{risk.share:.0%} {_BY[risk.by]} {risk.people}" if risk else ""
