"""Numbers for the operator's scraper. Labels are few and never carry a person or an address."""

from prometheus_client import Counter, Histogram

WEBHOOKS = Counter("comeback_webhooks_total", "Webhooks by outcome", ["platform", "outcome"])
SENDS = Counter("comeback_sends_total", "Messages by outcome", ["channel", "outcome"])
DECISIONS = Counter("comeback_decisions_total", "Decisions by outcome", ["outcome"])
PROVIDER_SECONDS = Histogram(
    "comeback_provider_seconds", "Time a provider took to answer", ["provider"]
)
