"""Pure Python: nothing here knows Django, the database or the network. One package for each thing that is known."""
