"""An invitation's words (RFC 5545), for mails that say nothing else."""

import re

_SAID = ("SUMMARY", "LOCATION", "DTSTART", "DESCRIPTION")
_ESCAPED = re.compile(r"\\([nN,;\\])")


def words(source: str) -> str:
    """Summary, place, begin and description of the first event, a line each."""
    source = re.sub(r"\r?\n[ \t]", "", source)
    lines = []
    for name in _SAID:
        if found := re.search(rf"^{name}(?:;[^:\n]{{0,200}})?:([^\n]+)", source, re.M):
            lines.append(_ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], found[1]).strip())
    return "\n".join(lines)
