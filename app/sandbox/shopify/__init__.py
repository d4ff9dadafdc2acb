"""A sandboxed Shopify: shops, shoppers, tokens, the Admin API and webhooks, quirks included."""

from app.sandbox.shopify.records import Declined
from app.sandbox.shopify.shop import SandboxShop
from app.sandbox.shopify.world import ShopifyWorld

__all__ = ["Declined", "SandboxShop", "ShopifyWorld"]
