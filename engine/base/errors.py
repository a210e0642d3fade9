"""The one exception for a user's mistake that is not about a place in rule text (floor 0)."""


class UserError(Exception):
    """Something the user can mend: `message` says what and why, `help` says what to do next.

    The command line prints both and exits 2; it never shows a traceback for it.
    """

    def __init__(self, message: str, help: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help
