"""A town of simulated shoppers, for the demo: they browse, abandon, buy, come back, click, answer
and refuse, each as their character and the dice say. The same seed plays the same ninety days."""

from app.sandbox.town.crowd import Crowd
from app.sandbox.town.fronts import Front, ShopifyFront, WooFront
from app.sandbox.town.people import Resident, residents

__all__ = ["Crowd", "Front", "Resident", "ShopifyFront", "WooFront", "residents"]
