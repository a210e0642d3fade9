"""Reading a user's own price file: header, values, checks over the file, and what was found."""
