"""Time zones as shops name them. A name that no clock of ours knows must not stop a store's day."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Session

from app import clock
from app.models import Store
from app.stores.notices import tell


def known_zone(name: str, otherwise: str | None) -> str:
    """`name` if it is a zone of the tz database, else `otherwise`, else UTC."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # Unknown, no name, a folder of names.
        return otherwise or "UTC"
    return name


def tell_if_unknown(session: Session, store: Store, name: str | None) -> None:
    """Word to the merchant, once a month, that the shop's own zone could not be taken."""
    if name is None or name == store.timezone:
        return
    key = f"zone_unknown:{name}:{clock.now():%Y-%m}"
    details = {"zone": name, "instead": store.timezone}
    tell(session, key, kind="zone_unknown", details=details)
