"""Which flows a merchant's Klaviyo account needs for one of ours, read from its e-mail steps."""

from app.channels import ChannelName
from app.channels.klaviyo import FlowWish, flow_of
from app.flows.definition import Definition, Purpose, Send

_ENDED_BY_AN_ORDER = {Purpose.CART, Purpose.WELCOME, Purpose.NURTURE, Purpose.WIN_BACK}


def email_wishes(definition: Definition) -> list[FlowWish]:
    """One flow for the advertising and one for the service mail, as far as there is any.

    Klaviyo's own "no order since" filter is the second net under the purposes an order ends.
    """
    kinds = {
        node.commercial
        for node in definition.nodes.values()
        if isinstance(node, Send) and node.channel is ChannelName.EMAIL
    }
    return [
        FlowWish(
            slug=flow_of(definition.slug, commercial=commercial),
            transactional=not commercial,
            ends_with_order=commercial and definition.purpose in _ENDED_BY_AN_ORDER,
        )
        for commercial in sorted(kinds, reverse=True)
    ]
