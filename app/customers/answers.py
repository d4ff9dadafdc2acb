"""At which hours of their own day a store's people order and click; opens are no answers."""

from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.jsontext import write
from app.models import Customer, Store
from app.models.rows import STORE
from app.quiet import zones_for
from app.science.hours import HOURS

LATELY = timedelta(days=180)
_PLACES = select(Customer.country, Customer.region).where(Customer.store_id == STORE).distinct()
_ANSWERS = text("""
    WITH places AS (
        SELECT * FROM json_to_recordset(cast(:places AS json)) AS p(country text, region text,
            zone text)
    ), answers AS (
        SELECT customer_id, placed_at AS at FROM orders
        WHERE store_id = :store AND counts AND deleted_at IS NULL AND placed_at > :since
            AND placed_at <= :now
        UNION ALL
        SELECT customer_id, touched_at FROM touches
        WHERE store_id = :store AND touched_at > :since AND touched_at <= :now
    )
    SELECT extract(hour FROM a.at AT TIME ZONE p.zone)::int, count(*)
    FROM answers a
    JOIN customers c ON c.store_id = :store AND c.customer_id = a.customer_id
    JOIN places p ON p.country = coalesce(c.country, '') AND p.region = coalesce(c.region, '')
    GROUP BY 1
""")


def answers_by_hour(session: Session, store: Store, now: datetime) -> list[int]:
    """How many orders and clicks of the last half year each hour of the day has had, by the clocks
    where people live, and by the store's for those of whom that is not known."""
    places = [
        {"country": country or "", "region": region or "", "zone": _zone(country, region, store)}
        for country, region in session.execute(_PLACES, {"store": store.store_id})
    ]
    asked = {
        "store": store.store_id,
        "places": write(list({(p["country"], p["region"]): p for p in places}.values())),
        "since": now - LATELY,
        "now": now,
    }
    hours = [0] * HOURS
    for hour, many in session.execute(_ANSWERS, asked):
        hours[hour] = many
    return hours


def _zone(country: str | None, region: str | None, store: Store) -> str:
    return zones_for(country, region, None, store.timezone)[0]
