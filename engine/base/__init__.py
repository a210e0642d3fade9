"""Floor 0: units, spans, diagnostics, the clock seam and where shipped files lie. Imports nothing
of ours."""
