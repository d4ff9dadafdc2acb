"""Estimates from numbers alone: who will buy again, what that is worth, what a message changed.

Pure numpy: knows neither the database nor a clock nor any other room, and its random numbers come
from a seed that the caller gives.
"""
