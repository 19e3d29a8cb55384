"""An invitation's words (RFC 5545), for mails that say nothing else."""

import re

_PROPERTIES = ("SUMMARY", "LOCATION", "DTSTART", "DESCRIPTION")
_TIME = re.compile(r"^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)\d\d")
_ESCAPED = re.compile(r"\\([nN,;\\])")


def words(source: str) -> str:
    """Summary, place, begin and description of the first event, a line each."""
    source = re.sub(r"\r?\n[ \t]", "", source)
    lines = []
    for name in _PROPERTIES:
        if match := re.search(rf"^{name}(?:;[^:\n]{{0,200}})?:([^\n]+)", source, re.M):
            value = _TIME.sub(r"\1-\2-\3 \4:\5", match[1])
            lines.append(_ESCAPED.sub(lambda m: "\n" if m[1] in "nN" else m[1], value).strip())
    return "\n".join(lines)
