"""A procedure as the national portal publishes it, in our words. Pure: no Django, no database.

`parse` reads one full record (a JSON object with the portal's Vietnamese field names), `from_row` one row of the
portal's XLSX list. Both return the source's oddities; a missing code or name is a BadRecordError."""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

from caunoi.lib.vietnamese.writing import nfc
from caunoi.procedures import cells
from caunoi.procedures.cells import Case, Paper, Way, tidy

__all__ = ["BadRecordError", "Case", "Oddity", "Paper", "Record", "Way", "from_row", "parse"]

CODE = re.compile(r"\d\.\d{6}")
LONGEST_NAME = 3_000
"""Characters; the longest of the portal's has 1,094."""

_COLUMNS = {
    "code": ("mã số", "mã thủ tục", "mã tthc", "mã"),
    "name": ("tên", "tên thủ tục", "tên thủ tục hành chính", "tên tthc"),
    "issuer": ("cơ quan ban hành", "cơ quan công bố"),
    "agency": ("cơ quan thực hiện",),
    "field": ("lĩnh vực",),
    "decision": ("số quyết định", "quyết định công bố", "số quyết định công bố"),
    "level": ("cấp thực hiện",),
}
_JUNK = re.compile(r"(?:Chọn cơ quan thực hiện.*|Hệ thống chỉ hiển thị những cơ quan.*)", re.DOTALL)


class BadRecordError(ValueError):
    """This cannot be read as a procedure: `problem` is a key of oddities.py, `text` an excerpt."""

    def __init__(self, problem: str, text: str = "") -> None:
        super().__init__(f"{problem}: {text}" if text else problem)
        self.problem, self.text = problem, text[:120]


@dataclass(frozen=True, kw_only=True)
class Oddity:
    """Something strange in a source that was read all the same: `problem` is a key of procedures/oddities.py."""

    code: str
    field: str
    problem: str
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Record:
    """One procedure (TTHC), all texts NFC; "" or () where the portal has nothing.

    `issuer` publishes it (cơ quan ban hành; only lists say), `agency` handles it (cơ quan thực hiện), `authority`
    decides (cơ quan có thẩm quyền). `level` may name several."""

    code: str
    name: str
    decision: str = ""
    level: str = ""
    kind: str = ""
    issuer: str = ""
    field: str = ""
    audience: tuple[str, ...] = ()
    authority: str = ""
    agency: str = ""
    coordinating: str = ""
    address: str = ""
    steps: str = ""
    ways: tuple[Way, ...] = ()
    cases: tuple[Case, ...] = ()
    legal: tuple[str, ...] = ()
    conditions: str = ""
    results: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    url: str = ""

    @property
    def levels(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.level.split(",") if part.strip())

    def content(self) -> dict[str, Any]:
        """As JSON holds it; empty fields are left out."""
        result: dict[str, Any] = {name: value for name, value in vars(self).items() if value and name[0] != "_"}
        if self.ways:
            result["ways"] = [dict(vars(way)) for way in self.ways]
        if self.cases:
            result["cases"] = [
                {"title": case.title, "papers": [dict(vars(paper)) for paper in case.papers]} for case in self.cases
            ]
        return result

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> "Record":
        """The record that `content` was made from; fields of later versions are ignored."""
        names = {field.name for field in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in content.items() if name in names
        }
        values["ways"] = tuple(Way(**way) for way in values.get("ways", ()))
        values["cases"] = tuple(
            Case(title=case.get("title", ""), papers=tuple(Paper(**paper) for paper in case.get("papers", ())))
            for case in values.get("cases", ())
        )
        return cls(**values)

    def digest(self) -> str:
        """Equal for equal content, whatever the order of the source's fields. SHA-256, hex."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        return digest(self.content())


def digest(content: Mapping[str, Any]) -> str:
    """The SHA-256 of a record's content as JSON."""
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def parse(source: Mapping[str, Any]) -> tuple[Record, tuple[Oddity, ...]]:
    """One full record of the portal. BadRecordError without a code of the form d.dddddd or a name."""
    code, text = _code(source.get("ma_thu_tuc")), _Texts(source)
    odd: list[tuple[str, str, str]] = []

    def table(field: str, name: str, apart: Callable[[str], tuple[Any, ...]]) -> list[Any]:
        *tables, strange = apart(text.lines(name))
        odd.extend((field, problem, excerpt) for problem, excerpt in strange)
        return tables

    (ways,) = table("ways", "cach_thuc_thuc_hien", cells.ways)
    (cases,) = table("cases", "thanh_phan_ho_so", cells.cases)
    (legal,) = table("legal", "can_cu_phap_ly", cells.laws)
    results, keywords = table("results", "ket_qua_xu_ly", cells.results)
    name = _checked_name(code, tidy(text.lines("ten_thu_tuc")))
    record = Record(
        code=code,
        name=name,
        decision=tidy(text.lines("so_quyet_dinh")),
        level=tidy(text.lines("cap_thuc_hien")),
        kind=tidy(text.lines("loai_thu_tuc")),
        field=tidy(text.lines("linh_vuc")),
        audience=_audience(text.lines("doi_tuong_thuc_hien")),
        authority=tidy(text.lines("co_quan_co_tham_quyen")),
        agency=tidy(text.lines("co_quan_thuc_hien")),
        coordinating=tidy(text.lines("co_quan_phoi_hop")),
        address=tidy(text.lines("dia_chi_tiep_nhan")),
        steps=_paragraphs(text.lines("trinh_tu_thuc_hien")),
        ways=ways,
        cases=cases,
        legal=legal,
        conditions=_paragraphs(text.lines("yeu_cau_dieu_kien")),
        results=results,
        keywords=keywords,
        url=_address(text.lines("detail_url")),
    )
    odd += text.odd
    return record, tuple(
        Oddity(code=code, field=field, problem=problem, text=excerpt) for field, problem, excerpt in odd
    )


def header(row: Sequence[Any]) -> dict[str, int] | None:
    """The places of the known columns, when this row of a sheet is the list's header; else None."""
    titles = [tidy(nfc(str(cell or ""))).lower() for cell in row]
    columns = {name: titles.index(title) for name, aliases in _COLUMNS.items() for title in aliases if title in titles}
    return columns if {"code", "name"} <= columns.keys() else None


def from_row(row: Sequence[Any], columns: Mapping[str, int]) -> tuple[Record, tuple[Oddity, ...]]:
    """One row of the portal's list, with the `columns` of its `header`: only the fields of lists are filled."""
    row_cells = {name: row[at] if at < len(row) else None for name, at in columns.items()}
    code = _code(row_cells.pop("code"))
    odd: list[Oddity] = []
    values: dict[str, Any] = {}
    for name, cell in row_cells.items():
        raw = "" if cell is None else str(cell)
        if raw.lstrip().startswith("="):
            raise BadRecordError("formula", f"{code} {name}: {raw}")
        if nfc(raw) != raw:
            odd.append(Oddity(code=code, field=name, problem="not_nfc", text=raw[:80]))
        lines = dict.fromkeys(filter(None, map(tidy, nfc(raw).split("\n"))))
        values[name] = ", ".join(lines) if name in {"agency", "issuer"} else " ".join(lines)
    _checked_name(code, values.get("name", ""))
    return Record(code=code, **values), tuple(odd)


def _checked_name(code: str, name: str) -> str:
    """The name, if it is one."""
    if not name:
        raise BadRecordError("no_name", code)
    if len(name) > LONGEST_NAME:
        raise BadRecordError("name_too_long", f"{code} {name}")
    return name


def _code(raw: Any) -> str:
    code = tidy(nfc(str(raw if raw is not None else "")))
    if not CODE.fullmatch(code):
        raise BadRecordError("formula" if code.startswith("=") else "no_code", code)
    return code


class _Texts:
    """The source's texts in NFC, remembering which were not."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self.source = source
        self.odd: list[tuple[str, str, str]] = []

    def lines(self, name: str) -> str:
        raw = self.source.get(name)
        if raw is None:
            return ""
        if not isinstance(raw, str):
            raise BadRecordError("not_a_text", f"{self.source.get('ma_thu_tuc')} {name}")
        clean = nfc(raw).strip()
        if clean != raw.strip():
            self.odd.append((name, "not_nfc", raw.strip()[:80]))
        return clean


def _audience(text: str) -> tuple[str, ...]:
    """Commas inside brackets do not separate: "Tổ chức (không bao gồm doanh nghiệp, HTX)"."""
    parts = (" ".join(part.split()) for part in re.split(r",(?![^(]*\))", text))
    return tuple(dict.fromkeys(part for part in parts if tidy(part)))


def _paragraphs(text: str) -> str:
    """Lines kept, blanks inside them collapsed, the portal's own buttons cut off."""
    text = _JUNK.sub("", text)
    lines = "\n".join(" ".join(line.split()) for line in text.split("\n"))
    lines = re.sub(r"\n{3,}", "\n\n", lines).strip()
    return lines if tidy(lines) else ""


def _address(text: str) -> str:
    return text if text.startswith("https://") and " " not in text and len(text) < 500 else ""
