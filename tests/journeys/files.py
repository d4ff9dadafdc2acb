"""Small flow files, for stories that are not about a preset."""

HEAD = """flow: {slug}
name: {{en: Story}}
languages: [en]
purpose: {purpose}
trigger: {trigger}
reentry: {reentry}
priority: {priority}
holdout: {holdout}
fresh_for: 2 days
"""
TAIL = """messages:
  hello:
    email: {en: {subject: "Hello", body: "{{ greeting }} hi.", button: Shop, link: shop}}
    sms: {en: {text: "{{ store.name }}: hello. {{ link }} STOP to opt out", link: shop}}
  again:
    email: {en: {subject: "Hello again", body: "{{ greeting }} hi.", button: Shop, link: shop}}
    sms: {en: {text: "{{ store.name }}: hello again. {{ link }} STOP to opt out", link: shop}}
"""


def flow(steps: str, slug: str = "story", **head: str) -> str:
    """A flow of these steps; by keyword other values for its head."""
    values = {
        "purpose": "nurture",
        "trigger": "{event: customer_created}",
        "reentry": "once",
        "priority": "50",
        "holdout": "0%",
        **head,
    }
    return f"{HEAD.format(slug=slug, **values)}steps:\n{steps}\n{TAIL}"


ASKS = (
    flow(
        """  - id: ask
    send: {channel: email, message: ask, commercial: false, deadline: 1 day}""",
        slug="asks",
        purpose="survey",
        trigger="{event: order_placed}",
    )
    + """  ask:
    email: {en: {subject: "How was it?", body: "{{ greeting }} say.", button: Tell, link: survey}}
"""
)
"""After an order it asks for a score."""

TEXTS = flow(
    """  - id: first
    send: {channel: sms, message: hello, deadline: 1 day}
  - wait: {for: 1 day}
  - id: second
    send: {channel: sms, message: again, deadline: 1 day}""",
)
MAILS = flow(
    """  - id: first
    send: {channel: email, message: hello, deadline: 1 day}
  - wait: {for: 1 day}
  - id: second
    send: {channel: email, message: again, deadline: 1 day}""",
)
