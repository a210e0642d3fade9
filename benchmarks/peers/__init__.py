"""Other ways to do the work of benchmarks/speed.py, written for it or found installed."""
