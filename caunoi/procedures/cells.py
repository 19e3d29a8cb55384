"""Separating the national portal's table cells: its pages and exports glue a table's cells into one text.

Each function takes the text of one table and returns its rows and their oddities, as (problem, excerpt) pairs. What
cannot be separated is kept whole and reported, never guessed.
"""

import re
from dataclasses import dataclass

NOTHING = "Không có thông tin"

FORMS = ("Trực tiếp", "Trực tuyến", "Dịch vụ bưu chính")
_WAYS_HEAD = "Hình thức nộpThời gianPhí, lệ phíMô tả"
_TIME = rf"(?:\d+ (?:Ngày làm việc|Ngày|Giờ làm việc|Giờ|Tháng|Tuần|Năm|Phút)|\d+(?=Miễn phí|{NOTHING})|{NOTHING})"
_MONEY = r"(?:Việt Nam Đồng|VNĐ|VND|USD|EUR|Đô la Mỹ)"
_FEE = rf"(?:{NOTHING}|Miễn phí|[\d.,]+ ?{_MONEY})"
_GLUED = rf"\d+ ?{_MONEY}"
_WAY = re.compile(rf"({'|'.join(FORMS)})(?:({_TIME})({_FEE})|({_GLUED})(?![\d]))")
_DAYS = re.compile(r"(\d+) Ngày làm việc")
_AMOUNT = re.compile(rf"([\d.,]+) ?({_MONEY})")
_NAMES_A_FEE = re.compile(
    r"\d[\d.,]*\s*(?:đồng|đ\b|VNĐ|VND|USD|%)|biểu phí|mức (?:thu|lệ phí|phí)|theo quy định", re.IGNORECASE
)
_SAYS_FREE = re.compile(r"^[\s(+*-]*(?:không (?:thu|có|phải|quy định)|miễn)\b", re.IGNORECASE)

_PAPERS_HEAD = "Tên giấy tờMẫu đơn, tờ khaiSố lượng"
# The next row follows at once; a number of copies inside a sentence goes on with a blank or a stop.
_COUNT = re.compile(r"(?<!\d)(\d+) bản chính(?:,\s?(\d+) bản sao)?(?![\s.;):/,])")
_FILE = re.compile(r"\.{1,4}(?:docx?|pdf|xlsx?|rar|zip|jpe?g|png|rtf|odt|tiff?)", re.IGNORECASE)
_FORM_WORD = re.compile(r"mẫu|mau|phụ ?lục|phu ?luc|biểu|tờ khai|to khai|đơn|don|phiếu|phieu", re.IGNORECASE)
LONGEST_FILE_NAME = 100

_LAWS_HEAD = "Tên văn bản pháp lýMã văn bản"
_KINDS = "Luật|Nghị định|Nghị quyết|Thông tư|Quyết định|Pháp lệnh|NĐ|NQ|TT|QĐ"
# Glued to the name before it: behind anything but a blank, or behind the year that the name ends with.
_LAW = re.compile(
    rf"(?:(?<![\s\d(:/])|(?<=[\s/](?:19|20)\d\d))(?:(?:{_KINDS})(?: số)? )?\d{{1,4}}[a-z]?/(?:\d{{4}}/)?"
    r"(?:QH\d{1,2}|QĐ-TTg|PL-UBTVQH\d{1,2}|(?:NĐ|NQ) ?- ?CP|(?:[A-ZĐ]+\d*[-/_])*\s?[A-ZĐ]+?)"
    r"(?=$|[^\W\d_a-zà-ỹ][a-zà-ỹ]|(?:LUẬT|NGHỊ|QUY|THÔNG|SỬA) |[a-zà-ỹ\d\"“(-])"
)

# The name ends with the number that stands in the next cell again.
_TWICE = re.compile(r"(\d{1,4}/(?:\d{4}/)?[A-ZĐ][A-ZĐ\d-]*[A-ZĐ\d])\1")
_NUMBERED = re.compile(r"\d+[a-z]?/(?:\d{4}|[A-ZĐ]{2})")

_RESULT = re.compile(r"Mã:\s*(KQ\.[A-Z0-9]+(?:\.\d+)+|[A-Z]+[\w.]*\d)")
_RESULTS_END = re.compile(r"Từ khóa(?P<words>.*?)Mô tả(?P<note>.*?)(?:Chọn cơ quan thực hiện|$)", re.DOTALL)

BULLETS = " \t\n-–+*•"

type Odd = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Way:
    """A way of handing in: form, how long it takes, what it costs. `days` are working days, None where the portal has
    something else or nothing; `time_text` is always its own text."""

    form: str
    days: int | None = None
    time_text: str = ""
    fee_text: str = ""
    note: str = ""

    @property
    def time_said(self) -> str:
        """The time for people: a number without a unit says so."""
        return f"{self.time_text} (Cổng không ghi đơn vị)" if self.time_text.isdigit() else self.time_text


@dataclass(frozen=True, kw_only=True)
class Paper:
    """One paper of a dossier: its name, the file name of its form, how many originals and copies."""

    name: str
    form: str = ""
    originals: int = 0
    copies: int = 0


@dataclass(frozen=True, kw_only=True)
class Case:
    """The papers of one case ("Trường hợp …"); without a title, those of every case."""

    title: str = ""
    papers: tuple[Paper, ...] = ()

    @property
    def needed(self) -> tuple[Paper, ...]:
        """The papers to bring; the portal writes remarks into the same table, with 0 copies."""
        return tuple(paper for paper in self.papers if paper.originals or paper.copies)

    @property
    def remarks(self) -> tuple[str, ...]:
        return tuple(paper.name for paper in self.papers if not (paper.originals or paper.copies))


def tidy(text: str) -> str:
    """Blanks collapsed; a text that says that there is nothing is empty."""
    text = " ".join(text.split())
    empty = {NOTHING, "Không", "không", "KHÔNG", "--", "-", "Không có", "Không quy định"}
    return "" if text.rstrip(". ") in empty else text


def ways(cell: str) -> tuple[tuple[Way, ...], list[Odd]]:
    """Cách thức thực hiện: form × time × fee × note."""
    text = cell.strip()
    if not tidy(text):
        return (), []
    odd: list[Odd] = []
    if not text.startswith(_WAYS_HEAD):
        odd.append(("no_ways_head", text[:80]))
    text = text.removeprefix(_WAYS_HEAD)
    matches = list(_WAY.finditer(text))
    if not matches:
        return (Way(form="", note=tidy(text)),), [*odd, ("ways_not_told_apart", text[:120])]
    if before := tidy(text[: matches[0].start()]):
        odd.append(("text_before_ways", before[:120]))
    made = []
    for number, match in enumerate(matches):
        end = matches[number + 1].start() if number + 1 < len(matches) else len(text)
        way, strange = _way(match, text[match.end() : end])
        odd += strange
        if way in made:
            odd.append(("way_twice", way.form))
        else:
            made.append(way)
    return tuple(made), odd


def _way(match: re.Match[str], rest: str) -> tuple[Way, list[Odd]]:
    form, time, fee, glued = match.groups()
    if glued:
        return Way(form=form, note=tidy(f"{glued} {rest}")), [("time_and_fee_glued", match.group())]
    odd: list[Odd] = []
    time = tidy(time)
    if time.isdigit():
        odd.append(("time_without_unit", f"{form} {time}"))
    days = _DAYS.fullmatch(time)
    remark, note = _parenthesis(rest)
    fee_text, strange = _fee(tidy(fee), tidy(remark))
    odd += [(problem, f"{form}: {excerpt}") for problem, excerpt in strange]
    working_days = int(days.group(1)) if days else None
    return Way(form=form, days=working_days, time_text=time.lower(), fee_text=fee_text, note=tidy(note)), odd


def _parenthesis(text: str) -> tuple[str, str]:
    """A leading (…), brackets inside counted, and what follows it."""
    if not text.startswith("("):
        return "", text
    depth = 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return text[1:at], text[at + 1 :]
    return text[1:], ""


def _fee(fee: str, remark: str) -> tuple[str, list[Odd]]:
    """The fee in words. The portal writes "Miễn phí" wherever its number is 0, and thousands as "135 VNĐ": a fee in the
    remark wins."""
    amount = _AMOUNT.fullmatch(fee)
    if amount:
        number, money = amount.groups()
        plain = re.sub(r"[.,]", "", number)
        if money not in {"USD", "EUR"} and int(plain or 0) < 1000:
            return (remark or fee), [("fee_too_small", f"{fee} {remark[:80]}".strip())]
        words = f"{int(plain):,}".replace(",", ".") + (" đồng" if money not in {"USD", "EUR"} else f" {money}")
        return (f"{words} ({remark})" if remark else words), []
    if fee == "Miễn phí" and remark and not _SAYS_FREE.match(remark) and _NAMES_A_FEE.search(remark):
        return remark, [("free_but_names_a_fee", remark[:100])]
    return (f"{fee} ({remark})" if fee and remark else fee or remark), []


def cases(cell: str) -> tuple[tuple[Case, ...], list[Odd]]:
    """Thành phần hồ sơ: by case, papers × form × originals and copies."""
    text = cell.strip()
    if not tidy(text):
        return (), []
    title, *tables = text.split(_PAPERS_HEAD)
    if not tables:
        return (Case(papers=(Paper(name=tidy(text)),)),), [("papers_not_told_apart", text[:120])]
    made, odd = [], []
    for number, table in enumerate(tables):
        papers, rest, strange = _papers(table)
        odd += strange
        if number + 1 == len(tables) and (rest := tidy(rest)):
            odd.append(("paper_without_count", rest[:120]))
            papers = (*papers, Paper(name=rest.lstrip(BULLETS)))
            rest = ""
        if papers:
            made.append(Case(title=tidy(title.strip(BULLETS + ":;")), papers=papers))
        else:
            odd.append(("case_without_papers", title[:120]))
        title = rest
    return tuple(made), odd


def _papers(table: str) -> tuple[tuple[Paper, ...], str, list[Odd]]:
    """The rows of one table, and the rest after the last."""
    made: list[Paper] = []
    odd: list[Odd] = []
    start = 0
    for count in _COUNT.finditer(table):
        digits, copies = count.groups()
        own = _own_digits(table[: count.start()], digits)
        name, form = _form(table[start : count.start()] + digits[: len(digits) - len(own)])
        if len(digits) > 1:
            odd.append(("count_glued_to_number", table[max(start, count.start() - 30) : count.end()]))
        paper = Paper(name=name.lstrip(BULLETS), form=form, originals=int(own), copies=int(copies or 0))
        if not paper.name:
            odd.append(("paper_without_name", form or count.group()))
        elif paper in made:
            odd.append(("paper_twice", name[:80]))
        else:
            made.append(paper)
        start = count.end()
    return tuple(made), table[start:], odd


def _own_digits(before: str, digits: str) -> str:
    """Those of the glued digits that are the count: "Mẫu số 01" and "1 bản chính" become "Mẫu số 011 bản chính". More
    than nine copies are believed only right after a letter."""
    whole = len(digits) == 2 and digits[0] != "0" and before[-1:].isalpha() and not before[-1:].isupper()
    return digits if whole else digits[-1]


def _form(text: str) -> tuple[str, str]:
    """A paper's name and the file name of its form, glued to it."""
    text = " ".join(text.split())
    last = list(_FILE.finditer(text))
    if not last or last[-1].end() != len(text):
        return text, ""
    first = last[0].start()
    seams = [at for at in range(max(1, first - LONGEST_FILE_NAME), first - 2) if _seam(text, at)]
    if not seams:
        return text, ""
    at = max((seam for seam in seams if _FORM_WORD.match(text, seam)), default=seams[-1])
    return text[:at].strip(), text[at:].strip()


def _seam(text: str, at: int) -> bool:
    """Whether two cells may be glued together here: "…TT-BTPMẫu số 01", "…của Bộ;Mau 2", "…(mẫu 04)37-Mẫu"."""
    before, after = text[at - 1], text[at]
    if before == ".":
        return after.isalnum() and not text[at - 2].isdigit() and bool(after.isupper() or _FORM_WORD.match(text, at))
    if before.isspace() or before in "-_(/":
        return False
    if before in ')];:”"':
        return after.isalnum()
    if after.isupper():
        return before.islower() or bool(_FORM_WORD.match(text, at))
    return after.islower() and not before.islower() and bool(_FORM_WORD.match(text, at))


def laws(cell: str) -> tuple[tuple[str, ...], list[Odd]]:
    """Căn cứ pháp lý: "name (number)" of each document."""
    text = " ".join(cell.split()).removeprefix(_LAWS_HEAD)
    if not tidy(text):
        return (), []
    made: list[str] = []
    for part in _TWICE.sub("\\1\v", text).split("\v"):
        start = 0
        for number in _LAW.finditer(part):
            if number.start() > start:  # else a name that begins with its number
                made.append(_law(part[start : number.start()], number.group()))
                start = number.end()
        if rest := tidy(part[start:]):
            made.append(rest)
    odd = [("law_without_number", law[:100]) for law in made if not _NUMBERED.search(law)]
    return tuple(dict.fromkeys(made)), odd


def _law(name: str, number: str) -> str:
    name, number = name.strip(), number.strip()
    return name if number in name else f"{name} ({number})" if name else number


def results(cell: str) -> tuple[tuple[str, ...], tuple[str, ...], list[Odd]]:
    """Kết quả: the papers one gets, keywords, and oddities. The portal's own buttons are cut off."""
    text = " ".join(cell.split())
    end = _RESULTS_END.search(text)
    words = tuple(filter(None, (tidy(word) for word in re.split("[,;]", end["words"])))) if end else ()
    text = text[: end.start()] if end else text.split("Chọn cơ quan thực hiện")[0]
    names = [tidy(part) for part in _RESULT.split(text)[::2]]
    made = tuple(dict.fromkeys(name for name in names if name))
    return made, words, [] if made or not tidy(cell) else [("no_result_named", cell[:80])]
