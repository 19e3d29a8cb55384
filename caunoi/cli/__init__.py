"""The `caunoi` command: one module per command, imported only when needed."""
