"""The report as one HTML file (floor 10): a result to sections, sections to a page."""
