"""What a shop's own software (a CRM, a help desk, an app) tells of people, in a form of our own."""

from app.platforms.acts.platform import TOPIC, Acts

__all__ = ["TOPIC", "Acts"]
