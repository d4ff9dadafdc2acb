"""What the best hour of a message has brought, as a page shows it."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.experiments.hours import Answers, HoursFound
from app.web.pages.lifts import interval_shown, of_hundred
from app.web.shown import t


@dataclass(frozen=True, slots=True)
class Shown:
    """`told`: what may be said of the two `rows`."""

    rows: Sequence[tuple[str, Answers]]
    told: str
    gain: str


def hours_shown(found: HoursFound) -> Shown | None:
    """None while no message has waited for the best time."""
    if not found.best.sent + found.random.sent:
        return None
    rows = (("best_hour", found.best), ("random_hour", found.random))
    return Shown(rows, _told(found), interval_shown(found.gain, of_hundred))


def _told(found: HoursFound) -> str:
    if found.gain is None:
        return t("reports.hour_too_few")
    if not found.gain.is_clear:
        return t("reports.hour_level")
    return t("reports.hour_more" if found.gain.low > 0 else "reports.hour_less")
