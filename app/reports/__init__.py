"""What a store's people are worth, who comes back and who leaves: figures for a merchant to read.
Never decides who is written to."""

from app.reports.keep import ask, claim, keep, kept, put_off
from app.reports.people import People, read_people

__all__ = ["People", "ask", "claim", "keep", "kept", "put_off", "read_people"]
