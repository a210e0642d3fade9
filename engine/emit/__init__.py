"""Floor 6: from a plan to readable scalar Python source, one module per rule file.

The text imports nothing: a runner supplies the kernels that it calls by name.
"""
