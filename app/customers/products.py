"""Products, as the newest version of each told them; a deletion holds until a newer version."""

from sqlalchemy import select

from app.customers.batch import Batch
from app.customers.changes import ChangeKind
from app.customers.facts import UNTOLD, Told
from app.events import ProductDeleted, ProductSeen
from app.models import Product
from app.models.rows import Row, among, put, table_of

_PRODUCTS = table_of(Product)
_TOLD = ("title", "url", "image_url", "price_minor", "currency", "available")


def fold(batch: Batch) -> None:
    """Take the product facts of the batch and write what they changed."""
    told: dict[str, list[Told]] = {}
    for one in batch.told:
        if isinstance(one.fact, ProductSeen | ProductDeleted):
            told.setdefault(one.fact.product_key, []).append(one)
    if not told:
        return
    statement = select(_PRODUCTS).where(
        _PRODUCTS.c.store_id == batch.store_id, among(_PRODUCTS.c.product_key, sorted(told))
    )
    before = {row["product_key"]: dict(row) for row in batch.session.execute(statement).mappings()}
    rows = [_row(batch, key, facts, before.get(key)) for key, facts in told.items()]
    changed = [row for row in rows if row != before.get(row["product_key"])]
    put(batch.session, Product, changed)
    for row in changed:
        key = row["product_key"]
        batch.note(ChangeKind.PRODUCT_CHANGED, None, told[key], product_key=key)


def _row(batch: Batch, key: str, told: list[Told], before: Row | None) -> Row:
    row = dict(before) if before else _blank(batch, key)
    for one in told:
        if isinstance(one.fact, ProductDeleted):
            if one.at >= max(row["source_updated_at"], row["deleted_at"] or UNTOLD):
                row["deleted_at"] = one.at
        elif isinstance(one.fact, ProductSeen) and one.version > row["version"]:
            if row["deleted_at"] is not None and row["deleted_at"] < one.at:
                row["deleted_at"] = None
            row.update({name: getattr(one.fact, name) for name in _TOLD})
            row["categories"] = list(one.fact.categories)
            row.update(source_updated_at=one.at, version=one.version)
    return row


def _blank(batch: Batch, key: str) -> Row:
    return {
        "store_id": batch.store_id,
        "product_key": key,
        "title": "",
        "url": None,
        "image_url": None,
        "price_minor": None,
        "currency": None,
        "available": False,
        "categories": [],
        "deleted_at": None,
        "source_updated_at": UNTOLD,
        "version": "",
    }
