"""Floor 11: one file per verb of the `seawall` command; `main` knows only their names."""
