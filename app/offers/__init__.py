"""Discount codes: one for a person and a journey, made at the shop before anyone is told."""
