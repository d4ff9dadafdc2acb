"""Telling the merchant something, once."""

from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.models import Notice, new_id
from app.tenancy import store_of


def tell(
    session: Session, key: str, title: str, *, kind: str, details: dict[str, Any] | None = None
) -> UUID | None:
    """Leave a notice on the store's page; None when the same one is there already."""
    return session.scalar(
        insert(Notice)
        .values(
            store_id=store_of(session),
            notice_id=new_id(),
            notice_key=key,
            kind=kind,
            title=title,
            details=details or {},
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["store_id", "notice_key"])
        .returning(Notice.notice_id)
    )
