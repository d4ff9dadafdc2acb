"""Processes that work off what the web has kept. Built once, then ids in and one call each."""
