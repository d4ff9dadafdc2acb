"""Telling the merchant something, once, and in the language they read.

A notice keeps its kind and the values in it; the words are found when it is shown. Must never keep
what it tells about a person: the person's id leads there, and goes when they are forgotten.
"""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from ruamel.yaml import YAML
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app import clock
from app.models import Notice, new_id
from app.tenancy import store_of

_PART = re.compile(r"\[([^\[\]]*)\]")
_VALUE = re.compile(r"\{(\w+)\}")


def tell(
    session: Session, key: str, title: str = "", *, kind: str, details: dict[str, Any] | None = None
) -> UUID | None:
    """Leave a notice on the store's page; None when the same one is there already.

    `title` stands in for a kind that has no words of its own. A `customer_id` among the details
    says whom the notice is about: it is forgotten with them.
    """
    values = dict(details or {})
    about = values.pop("customer_id", None)
    return session.scalar(
        insert(Notice)
        .values(
            store_id=store_of(session),
            notice_id=new_id(),
            notice_key=key,
            kind=kind,
            title=title or words(kind, values, "en"),
            details=values,
            customer_id=UUID(str(about)) if about else None,
            created_at=clock.now(),
        )
        .on_conflict_do_nothing(index_elements=["store_id", "notice_key"])
        .returning(Notice.notice_id)
    )


def tell_number(
    session: Session, key: str, number: int, *, kind: str, about: dict[str, Any]
) -> None:
    """Leave a notice with a `number`; told again under the same key, it grows by that much."""
    told = session.scalars(
        select(Notice)
        .where(Notice.store_id == store_of(session), Notice.notice_key == key)
        .with_for_update()
    ).one_or_none()
    if told is None:
        tell(session, key, kind=kind, details={**about, "number": number})
        return
    told.details = {**told.details, **about, "number": told.details["number"] + number}
    told.title = words(kind, told.details, "en")


def shown(notice: Notice, language: str) -> str:
    """What the notice says in this language; its title as it was written when it has no words."""
    return words(notice.kind, notice.details, language) or notice.title


def words(kind: str, details: Mapping[str, Any], language: str) -> str:
    """The sentence of a kind with its values; empty for a kind that has none."""
    texts = sentences().get(kind)
    if texts is None:
        return ""
    spoken = language.replace("_", "-").partition("-")[0]
    sisters = (text for name, text in texts.items() if name.partition("-")[0] == spoken)
    sentence = texts.get(language) or next(sisters, texts["en"])
    values = {name: str(value) for name, value in details.items() if value not in (None, "")}
    whole = _PART.sub(lambda part: _filled(part[1], values), sentence)
    return "" if set(_VALUE.findall(whole)) - set(values) else _filled(whole, values)


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """The whole file: kind to language to sentence."""
    text = (files("app") / "translations" / "notices.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = YAML(typ="safe", pure=True).load(text)
    return found


def _filled(part: str, values: Mapping[str, str]) -> str:
    if not all(name in values for name in _VALUE.findall(part)):
        return ""
    return _VALUE.sub(lambda found: values[found[1]], part)
