"""Discount codes and whether a shopper may use one."""

from collections.abc import Iterator, Sequence

from app import clock
from app.sandbox.shopify.records import Customer, Declined, Discount, Item


class DiscountBook:
    """All codes of a shop, found without regard to case."""

    def __init__(self) -> None:
        self._codes: dict[str, Discount] = {}

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[Discount]:
        return iter(list(self._codes.values()))

    def add(self, discount: Discount) -> bool:
        """False when the code is taken."""
        if discount.code.lower() in self._codes:
            return False
        self._codes[discount.code.lower()] = discount
        return True

    def find(self, code: str) -> Discount | None:
        return self._codes.get(code.lower())

    def remove(self, key: int) -> bool:
        code = next((code for code, d in self._codes.items() if d.key == key), None)
        return code is not None and self._codes.pop(code) is not None

    def redeem(self, code: str, items: Sequence[Item], customer: Customer | None) -> None:
        """Spread the discount over `items` and count the use. Raises Declined."""
        discount = self._codes.get(code.lower())
        problem = "is not valid" if discount is None else _objection(discount, customer)
        if problem:
            raise Declined(f"Discount code {code} {problem}.")
        assert discount is not None, "an unknown code was declined above"
        _spread(discount, items)
        discount.used_by.append(customer.key if customer else 0)


def _objection(discount: Discount, customer: Customer | None) -> str | None:
    now = clock.now()
    if now < discount.starts_at:
        return "is not active yet"
    if discount.ends_at is not None and now >= discount.ends_at:
        return "has expired"
    if discount.usage_limit is not None and len(discount.used_by) >= discount.usage_limit:
        return "has reached its usage limit"
    key = customer.key if customer else 0
    if discount.customers and key not in discount.customers:
        return "is not available to you"
    if discount.once_each and key in discount.used_by:
        return "was used already"
    return None


def _spread(discount: Discount, items: Sequence[Item]) -> None:
    """In whole minor units; what rounding leaves over falls on the last line."""
    total = sum(item.total_minor for item in items)
    if discount.percent is not None:
        cut = round(total * discount.percent)
    else:
        cut = min(discount.amount_minor or 0, total)
    left = cut
    for item in items:
        share = cut * item.total_minor // total if total else 0
        item.discount_minor, left = share, left - share
    if items:
        items[-1].discount_minor += left
