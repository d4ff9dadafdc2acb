"""What an account has left to spend, where Twilio tells: it does not for a subaccount."""

from decimal import Decimal, InvalidOperation

from twilio.rest import Client

from app.channels.twilio.failures import FAILURES


def balance_of(client: Client) -> tuple[Decimal, str] | None:
    """The balance and its currency; None where it is not told. A test of an account must not fail
    for it: https://www.twilio.com/docs/usage/api/balance
    """
    try:
        told = client.api.v2010.account.balance.fetch()
        return Decimal(told.balance), str(told.currency or "")
    except (*FAILURES, InvalidOperation, TypeError):
        return None
