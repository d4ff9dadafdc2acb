"""What our things are called in the merchant's account. The only place that makes a name. Pure."""


def metric_name(flow: str) -> str:
    """The metric that starts `flow` in the merchant's account; under Klaviyo's 128 characters."""
    return f"Comeback {flow}"[:127]


def flow_of(slug: str, *, commercial: bool) -> str:
    """Which flow of the merchant's account sends for our flow `slug`.

    Advertising and service mail go through two, because Klaviyo knows consent by the flow.
    """
    return slug if commercial else f"{slug}-service"


def webhook_name(store: str) -> str:
    """The system webhook of the store called `store`; two stores may share one account."""
    return f"Comeback {store}"
