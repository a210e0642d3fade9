"""Floor 1: the frozen values that floors above hand to each other."""
