"""What the tests of a newcomer's mistakes share: a rule file, and how an error has to look."""

import subprocess

Done = subprocess.CompletedProcess[str]
RULE = """rules 1
strategy plain "Holds the riser" {
  clock 1d on xnys
  entry long up { when close > close[1] size 10% of equity order market }
  exit down of up { when close < close[1] order market }
}
"""
SHORT = ("--from", "2008-10-01", "--to", "2008-10-31")


def told(done: Done, code: int, *words: str) -> str:
    """What was said, after checking how it ended."""
    said = done.stderr or done.stdout
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stdout + done.stderr
    assert "our fault" not in said
    for word in words:
        assert word in said, said
    return said
