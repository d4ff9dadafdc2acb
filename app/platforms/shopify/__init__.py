"""Shopify: its webhooks, its Admin API and its tokens in our words, and nothing of our rooms."""
