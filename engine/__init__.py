"""seawall's engine: rule text in, verified account histories out. See ARCHITECTURE.md for the
floors."""

__version__ = "0.1.0"
