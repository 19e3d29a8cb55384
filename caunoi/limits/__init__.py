"""How often somebody may do what costs us, counted once for all processes and hosts (rates.py lists it all)."""
