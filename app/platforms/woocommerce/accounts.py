"""Writing to a customer's account: choices and tags, in its meta data. A guest has no account, and
there is nowhere else in the shop to keep theirs."""

from datetime import datetime

from app.events import ConsentChannel, ConsentState, Person
from app.platforms.woocommerce.answers import Rejected
from app.platforms.woocommerce.choices import consent_meta
from app.platforms.woocommerce.client import Client
from app.platforms.woocommerce.payload import key, meta
from app.platforms.woocommerce.people import TAGS_META


def write_consent(
    client: Client, person: Person, channel: ConsentChannel, state: ConsentState, at: datetime
) -> bool:
    """False for a guest, or when the account is gone."""
    account = person.platform_key or _find(client, person.email)
    if account is None:
        return False
    return _write(client, account, consent_meta(channel, state, at))


def tag(client: Client, platform_key: str, name: str) -> None:
    """Add a tag once. An account that is gone needs none."""
    try:
        account = client.get(f"customers/{int(platform_key)}", _fields="id,meta_data").body
    except Rejected as refusal:
        if refusal.status == 404:
            return
        raise
    tags = [t for t in meta(account).get(TAGS_META, "").split(",") if t]
    # A comma would make two tags of one.
    wanted = name.replace(",", " ").strip()
    if wanted and wanted not in tags:
        _write(client, platform_key, {"key": TAGS_META, "value": ",".join([*tags, wanted])})


def _find(client: Client, email: str | None) -> str | None:
    if not email:
        return None
    # Without `role`, staff who buy would be missing.
    rows = client.get("customers", email=email.lower(), role="all", _fields="id").body
    return key(rows[0], "id") if rows else None


def _write(client: Client, account: str, row: dict[str, str]) -> bool:
    try:
        client.put(f"customers/{int(account)}", {"meta_data": [row]})
    except Rejected as refusal:
        if refusal.status == 404 or refusal.code.endswith("_invalid_id"):
            return False
        raise
    return True
