"""Pure Python, without Django, database or network. One package per field of knowledge."""
