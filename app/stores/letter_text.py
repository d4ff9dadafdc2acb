"""What a letter about notices says, in the language of the store. Pure."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from app.config import Config
from app.languages import language_of
from app.models import Notice, Store
from app.stores.notices import shown, words

LISTED = 50
LONGEST_SUBJECT = 150


def written(config: Config, store: Store, notices: Sequence[Notice]) -> tuple[str, str]:
    """Subject and text, in the language of the store."""
    told = {
        "shop": store.name,
        "count": len(notices),
        "notice": _line(notices[0], store),
        "more": len(notices) - LISTED,
        "url": f"{config.public_url.rstrip('/')}/",
    }
    lines = [f"- {_moment(one, store)}: {_line(one, store)}" for one in notices[:LISTED]]
    if len(notices) > LISTED:
        lines.append(words("letter_more", told, store.locale))
    subject = "letter_one" if len(notices) == 1 else "letter_many"
    lead, page, why = (
        words(kind, told, store.locale) for kind in ("letter_lead", "letter_page", "letter_why")
    )
    text = "\n\n".join([lead, "\n".join(lines), page, why]) + "\n"
    return words(subject, told, store.locale)[:LONGEST_SUBJECT], text


def _line(notice: Notice, store: Store) -> str:
    return " ".join(shown(notice, store.locale).split())


def _moment(notice: Notice, store: Store) -> str:
    at = notice.created_at.astimezone(ZoneInfo(store.timezone))
    locale = language_of(store.locale).replace("-", "_")
    return format_datetime(at, "d MMM y, HH:mm", locale=locale)
