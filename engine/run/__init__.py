"""Floor 7: runners of plans, and the account loop that calls what they load."""
