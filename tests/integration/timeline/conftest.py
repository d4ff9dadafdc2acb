"""The store these tests happen in."""

from tests.fakes.building import town

__all__ = ["town"]
