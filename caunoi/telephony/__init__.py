"""The phone: a PBX's words in, calls out. Pure: no Django, no database, no clock of its own."""
