"""E-mail through the merchant's own Klaviyo account: sending, receipts, sign-in and set-up."""

from app.channels.klaviyo.blueprints import FlowWish
from app.channels.klaviyo.channel import Klaviyo
from app.channels.klaviyo.client import KlaviyoCredentials, load_sdk
from app.channels.klaviyo.naming import flow_of, metric_name, webhook_name
from app.channels.klaviyo.push import KlaviyoPush
from app.channels.klaviyo.setup import KlaviyoSetup

__all__ = [
    "FlowWish",
    "Klaviyo",
    "KlaviyoCredentials",
    "KlaviyoPush",
    "KlaviyoSetup",
    "flow_of",
    "load_sdk",
    "metric_name",
    "webhook_name",
]
