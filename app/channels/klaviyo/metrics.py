"""Reading whole lists, and finding metrics: Klaviyo filters them by integration, not by name."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from app.channels.klaviyo.client import Client


def next_page(document: Mapping[str, Any]) -> str | None:
    """The cursor of the next page, bare: the SDK takes addresses apart only under https."""
    link = (document.get("links") or {}).get("next")
    return parse_qs(urlsplit(link).query)["page[cursor]"][0] if link else None


def every_page(client: Client, call: Any, **options: Any) -> Iterator[dict[str, Any]]:
    """All items of a list. Raises Unreachable, AccessLost."""
    page: str | None = None
    while True:
        document = client.ask(call, page_cursor=page, **options)
        yield from document["data"]
        page = next_page(document)
        if page is None:
            return


def quoted(value: str) -> str:
    """`value` for a filter. The SDK's own FilterBuilder strips blanks inside values."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def metric_ids(client: Client) -> dict[tuple[str, str], str]:
    """Every metric of the account: (integration name, metric name) to id."""
    found: dict[tuple[str, str], str] = {}
    for item in every_page(client, client.api.Metrics.get_metrics):
        attributes = item["attributes"]
        maker = (attributes.get("integration") or {}).get("name") or ""
        found.setdefault((maker, attributes["name"]), item["id"])
    return found


def order_metric(makers: Mapping[tuple[str, str], str]) -> str | None:
    """The shop's own "Placed Order"; several integrations may each have filed one."""
    placed = {maker: key for (maker, name), key in makers.items() if name == "Placed Order"}
    known = [placed[maker] for maker in ("Shopify", "WooCommerce") if maker in placed]
    return next(iter([*known, *placed.values()]), None)
