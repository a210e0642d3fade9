"""The exit codes of every verb (floor 11)."""

CLEAN, FINDINGS, USAGE, OUR_FAULT = 0, 1, 2, 3
INTERRUPTED, PIPE_CLOSED = 130, 141
"""As a shell counts them: 128 plus the signal (Ctrl-C; the reader of our output went away)."""
