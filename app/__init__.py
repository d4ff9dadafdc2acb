"""Comeback: a signed webhook becomes the right message, once, with its reason on record."""
