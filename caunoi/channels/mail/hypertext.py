"""The HTML of a mail → the text a person would read in it. Linear in its length; never raises.

Nothing of the HTML survives, so nothing has to be made harmless; a tree builder is avoided because it takes quadratic
time for deep nesting. Quoted text comes out with "> " before its lines, signatures with FOLD.
"""

import html
import re
from collections.abc import Mapping

FOLD = "\x1f"  # before a line that is to be folded away
LONGEST = 500_000  # letters of HTML that are looked at, pictures in it not counted
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]{0,30})")
_REST = re.compile(r"""[^>"']*+(?:(?:"[^"]*+"|'[^']*+')[^>"']*+)*+>""")
_ATTRIBUTE = re.compile(r"""([a-zA-Z-]{1,20})\s*=\s*(?:"([^"]{0,2000})"|'([^']{0,2000})'|([^\s"'>]{1,500}))""")
_DATA = re.compile(r"data:[\w/+.-]{1,60};base64,[A-Za-z0-9+/=%]*+")
_HUGE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
_SPACE = re.compile(r"[ \t\n\f\r]+")
_SILENT = frozenset(
    "head style script title noscript template svg math object iframe select textarea audio video".split()
)
_BLOCK = frozenset(
    "address article aside blockquote center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header"
    " hr li main nav ol p pre section table tbody tfoot thead tr ul".split()
)
_APART = frozenset("p h1 h2 h3 h4 h5 h6 ul ol table pre blockquote".split())  # with an empty line around
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr o:p".split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])|mso-hide\s*:\s*all", re.I)
_BARE_HIDDEN = re.compile(r"\shidden(?=[\s=>/])")
_QUOTE = re.compile(r"gmail_quote|protonmail_quote|yahoo_quoted|moz-cite-prefix|zmail_extra|tutanota_quote")
_SIGNATURE = re.compile(r"gmail_signature|moz-signature|mobile-signature|protonmail_signature|^signature$", re.I)
_DIVIDER = re.compile(r"divRplyFwdMsg|^zwchr$|appendonsend|stopSpelling", re.I)
DIVIDER = "-----Original Message-----"


def text(source: str) -> str:
    """The visible words, block by block."""
    source = _DATA.sub("", source)[:LONGEST]
    rendering = _Rendering(source, hiding=True)
    words = rendering.text()
    return words if words or not rendering.hidden else _Rendering(source, hiding=False).text()


class _Rendering:
    def __init__(self, source: str, *, hiding: bool) -> None:
        self.source, self.hiding, self.hidden = source, hiding, False
        self.lines: list[str] = []
        self.line: list[str] = []
        self.open: list[tuple[str, str]] = []  # tag, and what its end ends: quote, fold, hide, pre, a:<address>
        self.count = {"quote": 0, "fold": 0, "hide": 0, "pre": 0}
        self.naive = False  # a quotation mark is never closed: tags end at the next >
        self.unclosed: set[str] = set()

    def text(self) -> str:
        at = 0
        while at < len(self.source):
            start = self.source.find("<", at)
            if start < 0:
                self._say(self.source[at:])
                break
            self._say(self.source[at:start])
            at = self._markup(start)
        self._end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip("\n")

    def _markup(self, start: int) -> int:
        """Handle the "<" here; returns where to go on."""
        if self.source.startswith("<!--", start):
            end = self.source.find("-->", start + 4)
            return len(self.source) if end < 0 else end + 3
        match = _TAG.match(self.source, start)
        if match is None:
            if self.source.startswith(("<!", "<?", "</"), start):
                end = self.source.find(">", start)
                return len(self.source) if end < 0 else end + 1
            self._say("<")
            return start + 1
        end = self._tag_end(match.end())
        tag = match[2].lower()
        if tag in _SILENT and not match[1]:
            return self._past(tag, end)
        if match[1]:
            self._close(tag)
        else:
            self._open(tag, self.source[match.end() : min(end, match.end() + 4000)])
        return end

    def _past(self, tag: str, at: int) -> int:
        """The end of an element whose content is invisible; an unclosed one hides nothing but code."""
        if tag not in self.unclosed:
            if closing := re.compile(rf"</{tag}\b[^>]{{0,200}}>", re.I).search(self.source, at):
                return closing.end()
            self.unclosed.add(tag)
        return len(self.source) if tag in ("script", "style") else at

    def _tag_end(self, at: int) -> int:
        if not self.naive:
            if match := _REST.match(self.source, at):
                return match.end()
            self.naive = True
        end = self.source.find(">", at)
        return len(self.source) if end < 0 else end + 1

    def _say(self, words: str) -> None:
        if not words or self.count["hide"]:
            return
        if "&" in words:
            words = html.unescape(_HUGE.sub("\ufffd", words))
        words = words.replace(FOLD, "")
        if self.count["pre"]:
            first, *rest = words.split("\n")
            self.line.append(first)
            for line in rest:
                self._end_line(keep=True)
                self.line.append(line)
            return
        words = _SPACE.sub(" ", words)
        if words == " " and (not self.line or self.line[-1].endswith((" ", "\t"))):
            return
        self.line.append(words)

    def _end_line(self, *, keep: bool = False) -> None:
        """End the line; an empty one counts only with `keep`."""
        line = "".join(self.line).rstrip() if self.count["pre"] else "".join(self.line).strip()
        if line or keep:
            mark = FOLD if self.count["fold"] else "> " * min(self.count["quote"], 10)
            self.lines.append(f"{mark}{line}".rstrip(" "))
        self.line = []

    def _gap(self) -> None:
        self._end_line()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append("> " * min(self.count["quote"], 10))

    def _open(self, tag: str, rest: str) -> None:
        if tag == "br":
            self._end_line(keep=True)
            return
        attributes = _attributes(rest) if "=" in rest else {}
        if tag in _BLOCK:
            self._gap() if tag in _APART else self._end_line()
        mark = self._mark(tag, attributes, rest)
        if tag == "li":
            self.line.append("- ")
        elif tag in ("td", "th") and self.line and not self.line[-1].endswith("\t"):
            self.line.append(" \t")
        elif (
            tag == "img"
            and "alt" in attributes
            and "cid:" not in attributes.get("src", "")
            and len(attributes["alt"]) < 3
        ):
            self._say(attributes["alt"])  # a smiley
        if tag in _VOID or rest.rstrip().endswith("/>"):
            return
        if mark in self.count:
            self.count[mark] += 1
        if mark or tag == "pre":
            self.open.append((tag, mark))
        elif self.open and len(self.open) < 10_000:
            self.open.append((tag, ""))

    def _mark(self, tag: str, attributes: Mapping[str, str], rest: str) -> str:
        name = f"{attributes.get('id', '')} {attributes.get('class', '')}".strip()
        if self.hiding and (_HIDDEN.search(attributes.get("style", "")) or _BARE_HIDDEN.search(rest)):
            self.hidden = True
            return "hide"
        if _DIVIDER.search(name):
            self._gap()
            self.lines.append(DIVIDER)
        if (tag == "blockquote" and attributes.get("type", "").lower() == "cite") or _QUOTE.search(name):
            return "quote"
        if any(_SIGNATURE.search(word) for word in name.split()):
            return "fold"
        if tag == "a" and (address := attributes.get("href", "")).lower().startswith(("http://", "https://")):
            return f"a:{address[:300]}"
        return "pre" if tag == "pre" else ""

    def _close(self, tag: str) -> None:
        if tag in _APART:
            self._gap()
        elif tag in _BLOCK:
            self._end_line()
        for back, (name, _) in enumerate(reversed(self.open[-50:]), 1):
            if name == tag:
                for _, mark in reversed(self.open[-back:]):
                    self._end_mark(mark)
                del self.open[-back:]
                return

    def _end_mark(self, mark: str) -> None:
        if mark in self.count:
            self._end_line()
            self.count[mark] -= 1
        elif mark.startswith("a:") and not self.count["hide"]:
            address = html.unescape(_HUGE.sub("", mark[2:]))
            before = "".join(self.line[-20:])
            if address.split("://", 1)[1].strip("/") not in before:
                self.line.append(f" ({address})")


def _attributes(rest: str) -> dict[str, str]:
    result: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(rest):
        result.setdefault(match[1].lower(), match[2] or match[3] or match[4] or "")
    return result
