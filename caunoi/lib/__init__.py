"""Pure Python, one noun a file: nothing here knows Django, the database or the network."""
