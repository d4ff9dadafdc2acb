"""What was reported last, measured anew once a day and kept for the pages."""

from datetime import datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import and_, bindparam, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.models import PeopleReport
from app.models.rows import STORE, table_of
from app.reports.people import People
from app.tenancy import store_of

_SELDOM = timedelta(hours=20)
"""Segments may be counted at any time of a day; it is not measured again for each."""
_LEASE = timedelta(hours=1)
"""Far longer than it takes: after it the worker is dead."""
_PEOPLE: TypeAdapter[People] = TypeAdapter(People)
_CLAIM = (
    update(PeopleReport)
    .where(PeopleReport.store_id == STORE, PeopleReport.due_at <= bindparam("now"))
    .values(due_at=bindparam("lease"))
)


def ask(session: Session, now: datetime) -> None:
    """Have everything measured soon, unless that was done today or somebody is at it."""
    asked = insert(table_of(PeopleReport)).values(store_id=store_of(session), due_at=now)
    made = PeopleReport.made_at
    session.execute(
        asked.on_conflict_do_update(
            index_elements=["store_id"],
            set_={"due_at": now},
            where=and_(PeopleReport.due_at.is_(None), or_(made.is_(None), made < now - _SELDOM)),
        )
    )


def claim(session: Session, now: datetime) -> bool:
    """Whether it is due and ours for a while."""
    asked = {"store": store_of(session), "now": now, "lease": now + _LEASE}
    claimed = session.execute(_CLAIM, asked, execution_options={"synchronize_session": False})
    return bool(claimed.rowcount)  # type: ignore[attr-defined] # Any UPDATE has one.


def keep(session: Session, found: People, now: datetime) -> None:
    """Nothing more is due before it is asked for again."""
    row = session.get_one(PeopleReport, store_of(session))
    row.found, row.made_at, row.due_at = _PEOPLE.dump_python(found, mode="json"), now, None


def kept(session: Session) -> tuple[People, datetime] | None:
    """What was found last, and when."""
    row = session.get(PeopleReport, store_of(session))
    if row is None or row.found is None or row.made_at is None:
        return None
    return _PEOPLE.validate_python(row.found), row.made_at


def put_off(session: Session) -> None:
    """Nothing changes in a store that has left."""
    row = session.get(PeopleReport, store_of(session))
    if row is not None:
        row.due_at = None
