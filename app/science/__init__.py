"""Estimates from numbers alone: who will buy again, what that is worth, what a message changed.

Pure numpy: knows neither the database nor a clock nor any other room, and its random numbers come
from a seed that the caller gives.

scikit-learn and all of SciPy but its functions are imported where they are called: who only reads
what was learnt, as every web process does, has neither their seconds nor their memory.
"""
