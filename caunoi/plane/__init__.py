"""The control plane of several provinces: a folder and what `caunoi cells` does with it. It has no database and no
server of its own, and no word of a citizen reaches it but what every province publishes. Without Django."""
