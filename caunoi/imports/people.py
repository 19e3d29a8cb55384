"""A list of people, against the existing accounts. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from caunoi.events.actor import AGENCY, Kind, Role, kind_of
from caunoi.imports.agencies import compare, email
from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.plan import Line, Plan, Step
from caunoi.imports.table import Entry
from caunoi.imports.vocabulary import codes
from caunoi.lib.tables.headings import plain
from caunoi.lib.tables.nearest import Names, key

FIELDS = ("full_name", "role", "agency", "phone", "email", "extension")
USERNAME = re.compile(r"[a-z0-9][a-z0-9.-]*")
EXTENSION = re.compile(r"[A-Za-z0-9_.-]{1,40}")
LONGEST_NAME, LONGEST_USERNAME = 120, 40
_ADDRESS = re.compile(r"(?:ông|bà|anh|chị|đ/c|đồng chí|mr|ms|mrs)[.:]?\s+(?=\S)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Person:
    """An account that is there; values by field, the agency as its code."""

    username: str
    values: Mapping[str, str]
    active: bool = True
    removed: bool = False  # undone before anybody used it; the user name stays that person's


@dataclass(frozen=True, kw_only=True)
class PeopleGround:
    """What a list is checked against: accounts, the agencies' names and kinds by code, and who is importing it."""

    people: tuple[Person, ...]
    agencies: Names
    kinds: Mapping[str, str]
    own: str = ""


@dataclass
class _Index:
    """Accounts by what tells them apart."""

    rows: dict[str, Person] = field(default_factory=dict)
    emails: dict[str, Person] = field(default_factory=dict)
    namesakes: dict[tuple[str, str], list[Person]] = field(default_factory=dict)
    phones: dict[str, list[Person]] = field(default_factory=dict)
    removed: dict[str, Person] = field(default_factory=dict)  # by user name
    former: dict[str, str] = field(default_factory=dict)  # name → user name, of those

    def add(self, person: Person) -> None:
        v = person.values
        if person.removed:
            self.removed[person.username] = person
            self.former.setdefault(key(v["full_name"]), person.username)
            return
        self.removed.pop(person.username, None)
        self.rows[person.username] = person
        if v.get("email"):
            self.emails.setdefault(v["email"].lower(), person)
        self.namesakes.setdefault((key(v["full_name"]), v.get("agency", "")), []).append(person)
        if v.get("phone"):
            self.phones.setdefault(v["phone"], []).append(person)

    def find(self, username: str, values: Mapping[str, str]) -> Person | None:
        """The account of a line: by user name; else by mailbox, by name and agency, by name and phone."""
        if username:
            return self.rows.get(username)
        called = key(values["full_name"])
        mailbox = self.emails.get(values.get("email", ""))
        if mailbox and key(mailbox.values["full_name"]) == called:
            return mailbox
        same = self.namesakes.get((called, values.get("agency", "")), [])
        if len(same) == 1:
            return same[0]
        near = [p for p in self.phones.get(values.get("phone", ""), ()) if key(p.values["full_name"]) == called]
        return near[0] if len(near) == 1 else None

    def free(self, name: str) -> str:
        """A user name for a new account: the former one of somebody of this name, else one that nobody ever had."""
        former = self.former.get(key(name), "")
        return former if former in self.removed else _username(name, self.rows.keys() | self.removed.keys())


def _fit(username: str) -> bool:
    """Whether an account may have this user name."""
    short = USERNAME.fullmatch(username) and len(username) <= LONGEST_USERNAME
    return bool(short) and kind_of(username) is Kind.PERSON


def plan(
    entries: Iterable[Entry], mapping: ColumnMapping, ground: PeopleGround, progress: Callable[[int], None]
) -> Plan:
    """What the list would change. An empty cell leaves what is there; an agency that is not named is the one above."""
    made, index, above = Plan(), _Index(), ""
    for person in ground.people:
        index.add(person)
    line_of: dict[str, int] = {}
    lines: dict[str, str] = {}
    for count, entry in enumerate(entries, 1):
        progress(count)
        line = Line(entry, made)
        agency_text = line.words("agency", needed=True) or entry.section
        above = agency_text or above
        username = line.words("username").lower()
        values = _values(line, mapping, ground, agency_text, above, index.rows.get(username))
        if line.out:
            continue
        if username and not _fit(username):
            line.odd("bad_username", "username", username, out=True)
            continue
        former = index.removed.get(username)
        if former and key(former.values["full_name"]) != key(values["full_name"]):
            line.odd("username_was_used", "username", username, out=True)
            continue
        account = index.find(username, values)
        if account and account.username in line_of:
            problem = "twice" if username or lines[account.username] == _mark(values) else "namesake"
            line.odd(problem, "full_name", str(line_of[account.username]), out=True)
            continue
        if account is None:
            name = username or index.free(values["full_name"])
            _shared(line, values, index)
            _mighty(line, values)
            made.fresh.append(Step(line=entry.line, key=name, name=values["full_name"], before={}, after=dict(values)))
            index.add(Person(username=name, values=values))
        else:
            name = account.username
            if not account.active:
                line.odd("account_closed", "full_name", values["full_name"], out=True)
                continue
            step = compare(entry.line, name, values, account.values, values["full_name"])
            if step and name == ground.own and "role" in step.after:
                line.odd("own_role", "role", values["role"], out=True)
                continue
            if step:
                _shared(line, values, index, but=name)
                _mighty(line, step.after)
                made.changed.append(_placed(step, account))
            else:
                made.same += 1
        line_of[name], lines[name] = entry.line, _mark(values)
    return made


def _mark(values: Mapping[str, str]) -> str:
    return f"{values.get('phone', '')} {values.get('email', '')}"


def _placed(step: Step, old: Person) -> Step:
    """A change of role that takes the agency away takes it away."""
    role = step.after.get("role")
    if role and role not in AGENCY and old.values.get("agency"):
        before = {**step.before, "agency": old.values["agency"]}
        return replace(step, before=before, after={**step.after, "agency": ""})
    return step


def _shared(line: Line, values: Mapping[str, str], index: _Index, but: str = "") -> None:
    others = [p.values["full_name"] for p in index.phones.get(values.get("phone", ""), ()) if p.username != but]
    if others:
        line.odd("phone_of_another", "phone", others[0])


def _mighty(line: Line, values: Mapping[str, str]) -> None:
    """Rights that nobody should get by mistake."""
    if values.get("role") == Role.ADMIN:
        line.odd("administrator", "role", values["role"])


def _values(
    line: Line, mapping: ColumnMapping, ground: PeopleGround, agency_text: str, above: str, old: Person | None
) -> dict[str, str]:
    name = _ADDRESS.sub("", line.words("full_name", LONGEST_NAME, needed=True), count=1)
    if not name and not line.out:
        line.odd("no_name", "full_name", out=True)
    name = name.title() if name.isupper() and " " in name else name
    word = line.words("role")
    role = _role(line, mapping, word)
    if word and not role and mapping.code("role", word) is None:
        line.odd("role_unknown", "role", word, out=True)
    agency = _agency(
        line,
        mapping,
        ground,
        agency_text or (above if old is None and (not role or role in AGENCY) else ""),
        bool(agency_text),
    )
    if not role and old:
        role = old.values["role"]
        agency = agency or old.values.get("agency", "")
    role = _fitting(line, word, role, agency, ground)
    extension = line.words("extension")
    if extension and not EXTENSION.fullmatch(extension):
        line.odd("bad_extension", "extension", extension)
        extension = ""
    values = {
        "full_name": name,
        "role": role,
        "agency": agency if role in AGENCY else "",
        "phone": line.phone(),
        "email": email(line),
        "extension": extension,
    }
    return {field: value for field, value in values.items() if value}


def _role(line: Line, mapping: ColumnMapping, word: str) -> str:
    """The role a word means: by the mapping, by its name, or by the longest known word in it (Phó Giám đốc Sở)."""
    code = line.code("people", "role", word, Names({}), mapping) or ("" if word else mapping.defaults.get("role", ""))
    if code or not word or mapping.code("role", word) is not None:
        return code
    words = codes("people", "role").codes
    inside = [called for called in words if len(called) > 4 and f" {called} " in f" {plain(word)} "]
    if not inside:
        return ""
    code = words[max(inside, key=len)]
    line.plan.words.seen["role"].get(word, {}).update(code=code, how="guess", suggest="")
    return code


def _agency(line: Line, mapping: ColumnMapping, ground: PeopleGround, agency_text: str, own: bool) -> str:
    if not agency_text:
        return mapping.defaults.get("agency", "")
    code = line.code("people", "agency", agency_text, ground.agencies, mapping)
    if code and not own:
        line.odd("agency_from_above", "agency", agency_text)
    if not code and mapping.code("agency", agency_text) is None:
        suggest = line.plan.words.seen["agency"].get(agency_text, {}).get("suggest", "")
        line.odd("agency_unknown", "agency", agency_text, suggest=suggest, out=True)
    return code


def _fitting(line: Line, word: str, role: str, agency: str, ground: PeopleGround) -> str:
    """The role of somebody of this agency, or why it does not fit."""
    if line.out:
        return role
    centre = not agency or ground.kinds.get(agency) == "centre"
    if not role:
        if centre:
            line.odd("no_role", "role", out=True)
        return "" if centre else Role.OFFICER.value
    if role in AGENCY and not agency:
        line.odd("no_agency", "agency", out=True)
    if role in (Role.LEADER, Role.REVIEWER) and not centre:
        return Role.LEAD.value if role == Role.LEADER else role
    if role not in AGENCY and not centre:
        line.odd("role_of_centre", "role", word, out=True)
    return role


def _username(name: str, used: Collection[str]) -> str:
    """The given name and the initials of the others, as it is usual here: Nguyễn Văn An → annv, the next one annv2."""
    parts = [re.sub("[^a-z0-9]", "", part) for part in plain(name).split()]
    parts = [part for part in parts if part] or ["user"]
    stem = (parts[-1] + "".join(part[0] for part in parts[:-1]))[:30]
    return next(n for n in (stem, *(f"{stem}{count}" for count in range(2, 100_000))) if n not in used)
