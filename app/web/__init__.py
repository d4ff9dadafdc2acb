"""The only room that knows Flask: doors for shops, providers, recipients and merchants."""
