"""Order history from a CSV file: a file's words into our facts, a row at a time.

It must never guess where a wrong guess costs money or names the wrong day: what can be read two
ways is refused with its line, its column and the way out.
"""

from app.platforms.csvfile.inspect import Source, inspect
from app.platforms.csvfile.mapping import NOTHING_SAID, Mapping, read_mapping
from app.platforms.csvfile.orders import BEFORE_THE_SHOP, assemble
from app.platforms.csvfile.problems import BadCell, BadOrder, Problem, shortened
from app.platforms.csvfile.rows import read_row
from app.platforms.csvfile.sheet import Row, read_rows
from app.platforms.csvfile.staged import StagedRow, content_of, digest_of, from_content

__all__ = [
    "BEFORE_THE_SHOP",
    "NOTHING_SAID",
    "BadCell",
    "BadOrder",
    "Mapping",
    "Problem",
    "Row",
    "Source",
    "StagedRow",
    "assemble",
    "content_of",
    "digest_of",
    "from_content",
    "inspect",
    "read_mapping",
    "read_row",
    "read_rows",
    "shortened",
]
