"""Turns facts into the state of every customer: who they are, what they agreed to and did."""
