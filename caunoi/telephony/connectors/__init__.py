"""Cloud PBXs that speak by webhook: one small mapping a file, from a request to our events."""
