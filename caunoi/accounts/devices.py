"""What a person sits before, in words, from what the browser says of itself. Pure."""

import re

PROGRAMS = (  # the first that fits: nearly every browser also calls itself by older names
    ("Edge", r"Edg(?:e|A|iOS)?/"),
    ("Cốc Cốc", r"coc_coc_browser/"),
    ("Opera", r"OPR/|Opera"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/|HeadlessChrome/|Chromium/"),
    ("Safari", r"Safari/"),
)
SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("macOS", r"Mac OS X|Macintosh"),
    ("ChromeOS", r"CrOS"),
    ("Linux", r"Linux|X11"),
)


def device(agent: str) -> str:
    """ "Chrome · Windows" from a User-Agent header; empty for one that says nothing."""
    names = (next((name for name, pattern in table if re.search(pattern, agent)), "") for table in (PROGRAMS, SYSTEMS))
    return " · ".join(name for name in names if name)
