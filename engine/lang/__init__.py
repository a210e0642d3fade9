"""Floor 3: rule text and set-up files to trees, and back. Knows no names, units or meanings."""
