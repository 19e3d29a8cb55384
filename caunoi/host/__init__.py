"""The machine the product runs on: its home folder, its database server, its processes. No Django here."""
