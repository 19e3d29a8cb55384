"""How long to wait before a failed job is tried again."""

FIRST, LONGEST = 4, 300  # seconds


def pause(failures: int, longest: int = LONGEST) -> int:
    """Seconds: 4, 8, 16 … after no, one, two … earlier failures, never more than `longest`."""
    return min(FIRST << min(failures, 20), longest)
