"""Floor 9: one session of strategies over recorded bars, from their text to the finished
figures."""
