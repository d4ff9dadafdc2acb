"""The outside world on loopback: Shopify, WooCommerce, Klaviyo and Twilio as they behave, quirks
included, over real HTTP. For the demo and the tests; no other room imports it."""
