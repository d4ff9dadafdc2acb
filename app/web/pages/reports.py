"""What is reported of a store's people, measured once a day."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app import reports
from app.reports import levers
from app.reports.cohorts import AFTER, Group
from app.reports.firsts import NOTHING, OTHER_CODE, By
from app.reports.people import Cohorts
from app.stores.settings import read_settings
from app.web.access import guard, store_session
from app.web.pages.best_hour import hours_shown
from app.web.pages.leaving import health_shown, leaving_shown
from app.web.shown import month, t

report_pages = Blueprint("report_pages", __name__, url_prefix="/reports")
guard(report_pages)


@report_pages.get("/people")
def page() -> ResponseReturnValue:
    with store_session() as (session, store):
        found = reports.kept(session)
        shown = _shown(*found) if found else {"made_at": None}
        shown |= health_shown(session)
        cost = read_settings(store.settings).acquisition_cost_minor
        return render_template(
            "pages/reports.html", after=AFTER, cost=cost, levers=levers, **shown
        ), 200


def _shown(found: reports.People, made_at: Any) -> dict[str, Any]:
    return {
        "made_at": made_at,
        "year": found.year,
        "everybody": found.cohorts.everybody,
        "months": _named(By.MONTH, found.cohorts.months),
        "others": _others(found.cohorts),
        "hours_found": found.hours,
        "hours": hours_shown(found.hours),
        **leaving_shown(found),
    }


def _others(cohorts: Cohorts) -> list[tuple[By, list[tuple[str, Group]]]]:
    found = {
        By.PRODUCT: cohorts.products,
        By.CHANNEL: cohorts.channels,
        By.OFFER: cohorts.offers,
    }
    return [(by, _named(by, groups)) for by, groups in found.items() if groups]


def _named(by: By, groups: Sequence[Group]) -> list[tuple[str, Group]]:
    return [(_name(by, one.label), one) for one in groups]


def _name(by: By, label: str | None) -> str:
    if label is None:
        return t("reports.all_others")
    if by is By.MONTH:
        return month(label)
    if by is By.OFFER and label == OTHER_CODE:
        return t("reports.other_code")
    return t(f"reports.no_{by}") if label == NOTHING else label
