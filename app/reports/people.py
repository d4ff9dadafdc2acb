"""Everything that is reported of a store's people, read from the database in one go."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.experiments.hours import HoursFound
from app.models import Store
from app.reports.cohorts import Group, group, groups
from app.reports.firsts import By, read_cells
from app.reports.hours import read_hours
from app.reports.leaving import Churn
from app.reports.left import read_churn
from app.reports.levers import Year
from app.reports.migration import Move, read_moves
from app.reports.months import Months, months_until
from app.reports.years import read_year

_LONGEST = text("SET LOCAL statement_timeout = '5min'")


@dataclass(frozen=True, slots=True)
class Cohorts:
    """Whoever has first bought in the last two years: `everybody` as one, and by each month, the
    newest first, product, channel and offer of their first order."""

    everybody: Group
    months: tuple[Group, ...]
    products: tuple[Group, ...] = ()
    channels: tuple[Group, ...] = ()
    offers: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class People:
    cohorts: Cohorts
    year: Year = field(default_factory=Year)
    moves: tuple[Move, ...] = ()
    churn: Churn = field(default_factory=Churn)
    hours: HoursFound = field(default_factory=HoursFound)


def read_people(session: Session, store: Store, now: datetime) -> People:
    session.execute(_LONGEST)
    return People(
        cohorts=read_cohorts(session, store, now),
        year=read_year(session, store, now),
        moves=read_moves(session, now),
        churn=read_churn(session, store, months_until(now, store.timezone), now),
        hours=read_hours(session, now),
    )


def read_cohorts(session: Session, store: Store, now: datetime) -> Cohorts:
    months = months_until(now, store.timezone)
    found = {
        by: groups(read_cells(session, store, by, months, now), months.current)
        for by in (By.PRODUCT, By.CHANNEL, By.OFFER)
    }
    by_month = _by_month(session, store, months, now)
    return replace(
        by_month, products=found[By.PRODUCT], channels=found[By.CHANNEL], offers=found[By.OFFER]
    )


def _by_month(session: Session, store: Store, months: Months, now: datetime) -> Cohorts:
    cells = read_cells(session, store, By.MONTH, months, now)
    named = groups((one._replace(label=months.name(one.cohort)) for one in cells), months.current)
    newest = sorted(named, key=lambda one: one.label or "", reverse=True)
    return Cohorts(group(None, cells, months.current), tuple(newest))
