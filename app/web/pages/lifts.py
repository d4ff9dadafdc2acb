"""What a flow has changed, as pages show it: signed differences, and how far they may be off."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from app import experiments, money
from app.experiments import Found
from app.science.intervals import Interval
from app.web.shown import t
from app.web.words import language


@dataclass(frozen=True, slots=True)
class Shown:
    """`rate`: buyers more or fewer among a hundred. Texts are empty for what is not known."""

    found: Found
    measured_at: datetime
    rate: str
    per_person: str
    altogether: str
    clearer: str

    @property
    def removed(self) -> int:
        """Percent of the variance that earlier purchases took off."""
        return round(self.found.clearer.removed * 100) if self.found.clearer else 0


def lift_of(session: Session, slug: str, currency: str) -> Shown | None:
    """None while it was never measured."""
    known = experiments.kept(session).get(slug)
    if known is None:
        return None
    found, measured_at = known
    in_money = _money_in(currency)
    return Shown(
        found=found,
        measured_at=measured_at,
        rate=interval_shown(found.rate, of_hundred),
        per_person=interval_shown(found.money, in_money),
        altogether=interval_shown(found.total, in_money),
        clearer=interval_shown(found.clearer.interval if found.clearer else None, in_money),
    )


def lift_together(session: Session) -> str:
    """Of all flows as one: buyers more or fewer among a hundred; empty while that is not known."""
    pooled = experiments.together(found for found, _ in experiments.kept(session).values())
    return interval_shown(pooled.interval if pooled else None, of_hundred)


def interval_shown(found: Interval | None, shown: Callable[[float], str]) -> str:
    if found is None:
        return ""
    low, high = shown(found.low), shown(found.high)
    return t("lift.interval", difference=shown(found.difference), low=low, high=high)


def of_hundred(rate: float) -> str:
    locale = language().replace("-", "_")
    signed = format_decimal(abs(rate) * 100, "#,##0.00", locale=locale)
    return f"{_sign(round(rate * 100, 2))}{signed}"


def _money_in(currency: str) -> Callable[[float], str]:
    def shown(minor: float) -> str:
        whole = round(minor)
        return f"{_sign(whole)}{money.format_money(abs(whole), currency, language())}"

    return shown


def _sign(value: float) -> str:
    return "+" if value > 0 else "\N{MINUS SIGN}" if value < 0 else ""
