"""Connecting what a store works with: its WooCommerce shop, its Klaviyo, its Twilio."""
