"""The pages that somebody can reach by following links, one of each kind."""

import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from stage import Answer, Person, ask

STARTS = {
    "": ("/", "/report", "/app", "/lookup", "/tthc/", "/near", "/log"),
    "lan": ("/desk/", "/desk/new", "/desk/undelivered/"),
    "tam": ("/desk/",),
    "minh": ("/agency/",),
    "hoa": ("/agency/",),
    "thu": ("/desk/publish", "/procedures/", "/quality/", "/board/"),
    "phong": ("/board/",),
    "quan": ("/setup/",),
}
"""Where each kind of person begins; "" is a citizen."""
FILES = re.compile(r"\.(csv|xlsx|pdf|json|xml|atom|pem|jsonl|zip|parquet|geojson|webp|png|svg|ico|js|txt|webmanifest)$")
LEAVES = re.compile(
    r"^/(logout|live|files|static|hooks|cti|open311|api|language|metrics|health)\b|/paper\b|/file/|/embed"
)
LISTS = (
    "setup/people setup/agencies setup/fields setup/options setup/texts setup/inboxes setup/areas agencies tthc "
    "setup/calendars board/measures board/agencies procedures board/tickets setup/alerts"
).split()


def kind(path: str) -> str:
    """`/desk/26-000123-4/` and `/desk/26-000777-1/` are pages of one kind."""
    path = re.sub(r"\d\d-\d{6}-\d", "code", path)
    for name in LISTS:
        path = re.sub(rf"^/{name}/(?!new\b|import)[^/]+", f"/{name}/one", path)
    path = re.sub(r"^/(f|r|invite|report)/[^/]+", r"/\1/token", path)
    return re.sub(r"/[^/]*\d[^/]*", "/n", path)


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "a" and values.get("href") and "download" not in values:
            self.found.append(values["href"] or "")


def links(page: str) -> list[str]:
    parser = _Links()
    parser.feed(page)
    return parser.found


def reached(somebody: Person, starts: tuple[str, ...], most: int = 400) -> dict[str, str]:
    """{kind of page: an address of it}, in the order in which they were met, by the cookies of that browser."""
    cookies = "; ".join(f"{c['name']}={c['value']}" for c in somebody.context.cookies())
    pages: dict[str, str] = {}
    waiting, met = [*starts], set()
    while waiting and len(pages) < most:
        path = waiting.pop(0)
        if kind(path) in met or FILES.search(path) or LEAVES.search(path):
            continue
        met.add(kind(path))
        answer = _get(somebody.address + path, cookies)
        if answer.status == 302:
            waiting.insert(0, _path(urljoin(somebody.address + path, answer.headers["location"]), somebody.address))
            continue
        assert answer.status < 500, (path, answer.status)
        if answer.status != 200 or "text/html" not in answer.headers.get("content-type", ""):
            continue
        pages[kind(path)] = path
        waiting += [
            found
            for href in links(answer.text)
            if (found := _path(urljoin(somebody.address + path, href), somebody.address))
        ]
    return pages


def _get(url: str, cookies: str) -> Answer:
    return ask(url, cookie=cookies, accept_language="vi")


def _path(url: str, address: str) -> str:
    parts = urlsplit(url)
    return parts.path if url.startswith(address + "/") else ""
