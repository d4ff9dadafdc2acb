"""Shopify's own schema of the Admin API, which the npm package `@shopify/dev-mcp` brings along.

`make` fetches the package, and `python -m tests.contract.shopify.schema` proves it by its hash and
keeps the one file the tests read. Nothing of it is committed.
"""

import base64
import hashlib
import sys
import tarfile
from pathlib import Path

from app.platforms.shopify.documents import API_VERSION

PACKAGE = "@shopify/dev-mcp@1.16.0"
# What the registry states as the package's `dist.integrity`.
SHA512 = "tqgRnK7sQhjew+htxtleTH23nXB5fZcsrhWgEkomsorGXvLOB2mh2upwZm8uzuTDNTZnqtLMe64yIwh6s2awtw=="
MEMBER = f"package/dist/data/admin_{API_VERSION}.json.gz"
SCHEMA = Path(sys.prefix) / "schema" / Path(MEMBER).name


def unpack(folder: Path) -> None:
    """Keep the schema and drop the package. Raises ValueError for a package that is another."""
    (package,) = folder.glob("*.tgz")
    found = base64.b64encode(hashlib.sha512(package.read_bytes()).digest()).decode()
    if found != SHA512:
        raise ValueError(f"{package.name} is not the package that was reviewed: sha512 {found}.")
    with tarfile.open(package) as opened:
        member = opened.extractfile(MEMBER)
        assert member is not None  # A plain file, as the hash says.
        (folder / SCHEMA.name).write_bytes(member.read())
    package.unlink()


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["name"]:
            sys.stdout.write(PACKAGE)
        case ["unpack", folder]:
            unpack(Path(folder))
        case _:
            sys.exit("Say `name`, or `unpack` and a folder.")
