"""Fees: the rules, their versions, the schedule they are published in."""
