"""The segments a shop has of its own, and who is in them."""

from app.platforms import Members, SegmentSeen
from app.platforms.shopify.graphql import Access
from app.platforms.shopify.identifiers import gid


def list_segments(access: Access) -> list[SegmentSeen]:
    """The first 250, by name in the shop's own order: more than anybody chooses among."""
    nodes = access.run("list_segments").need("segments")["nodes"]
    return [SegmentSeen(_tail(node["id"]), node["name"]) for node in nodes]


def read_members(access: Access, segment_key: str, cursor: str | None) -> Members | None:
    """A member's id ends in the key of the customer. Whether the segment is still there is asked
    first: to who is in one that is not, the shop's answer is an error like any other."""
    segment = gid("Segment", segment_key)
    if access.run("find_segment", segment=segment).need("segment") is None:
        return None
    answer = access.run("segment_members", segment=segment, after=cursor)
    page = answer.whole().need("page")
    info = page["pageInfo"]
    keys = [_tail(edge["node"]["id"]) for edge in page["edges"]]
    return Members(keys, info["endCursor"] if info["hasNextPage"] else None)


def _tail(key: str) -> str:
    return key.rpartition("/")[2]
