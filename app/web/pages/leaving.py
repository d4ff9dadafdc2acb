"""Who moves, who leaves, how the segments do and what to look after next, as the page Reports shows
it."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy.orm import Session

from app.reports import People
from app.reports.focus import focus, stakes
from app.reports.leaving import Left
from app.reports.migration import balances
from app.science.rfm import Group
from app.segments.health import Health, health
from app.segments.presets import PRESETS
from app.web.shown import month, t, word
from app.web.words import language


def leaving_shown(found: People) -> dict[str, Any]:
    churn = found.churn
    ways: dict[str, tuple[Sequence[Left], Callable[[str], str]]] = {
        "sign": (churn.signs, lambda sign: t(f"reports.sign_{sign}")),
        "stage": (churn.stages, lambda stage: word("stage", stage)),
        "month": (churn.months, lambda name: month(name) if name else t("reports.earlier")),
        "last_product": (churn.products, lambda title: title or t("reports.no_product")),
    }
    return {
        "moves": found.moves,
        "balances": balances(found.moves, Group),
        "churn": churn.everybody,
        "left": [(way, _named(rows, name)) for way, (rows, name) in ways.items() if rows],
    }


def health_shown(session: Session) -> dict[str, Any]:
    """Of the segments that have been counted."""
    known = [one for one in health(session) if one.today is not None]
    by_slug = {one.segment.slug: one for one in known}
    return {
        "segments": [(name_of(one), one, _action(one)) for one in known],
        "focus": [
            (name_of(by_slug[stake.slug]), stake, _action(by_slug[stake.slug]))
            for stake in focus(stakes(known))
        ],
    }


def name_of(one: Health) -> str:
    preset = PRESETS.get(one.segment.slug)
    return preset.names[language()] if preset else one.segment.name


def _action(one: Health) -> str:
    """What to do for its people; nothing for a segment of the merchant's own."""
    preset = PRESETS.get(one.segment.slug)
    return preset.actions[language()] if preset else ""


def _named(rows: Sequence[Left], name: Callable[[str], str]) -> list[tuple[str, str, Left]]:
    """Each with its name, and with its label, by which a page finds what is to be done."""
    return [
        (t("reports.all_others") if one.label is None else name(one.label), one.label or "", one)
        for one in rows
    ]
