"""Whatever an old list holds, the history made of a row is one that single moves would allow, and never goes back in
time."""

from datetime import UTC, datetime
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from caunoi.imports.histories import TicketGround, read
from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.plan import Words
from caunoi.imports.table import Entry
from caunoi.lib.tables.nearest import Names
from caunoi.tickets.lifecycle import FIRST, State, check

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LAMPS = SimpleNamespace(pk=1, code="lamps", kind="report")
WORKS = SimpleNamespace(pk=7, code="works")
GROUND = TicketGround(
    category_names=Names({"lamps": ["Đèn"]}),
    categories={"lamps": LAMPS},
    agency_names=Names({"works": ["Xí nghiệp"]}),
    agencies={"works": WORKS},
    area_of=lambda words, on: (None, ""),
    at=NOW,
)
moments = st.one_of(
    st.none(),
    st.datetimes(datetime(2020, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(microsecond=0)),
    st.sampled_from(["hôm qua", "01/02/2024", "2/3/2024 8h", "#REF!"]),
)
words = st.one_of(st.none(), st.sampled_from(["", "Đèn", "lạ", "Xí nghiệp", "Hoàn thành", "=A1", "Từ chối", "khẩn"]))
rows = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("received", "routed", "answered", "closed", "occurred"), moments),
        **dict.fromkeys(
            ("category", "agency", "channel", "kind", "urgency", "reason", "answer", "note", "area", "phone"), words
        ),
        "state": st.one_of(st.none(), st.sampled_from(sorted(State)), words),
        "text": st.one_of(st.none(), st.text(max_size=20)),
        "code": st.one_of(st.none(), st.integers(0, 9)),
        "latitude": st.one_of(st.none(), st.floats(), words),
        "longitude": st.one_of(st.none(), st.floats()),
    },
)


@given(rows, st.booleans())
def test_a_history_is_one_that_single_moves_would_have_made(cells, defaulted):
    told = ColumnMapping(defaults={"category": "lamps", "agency": "works"} if defaulted else {})
    entry = Entry(line=2, cells={k: v for k, v in cells.items() if v is not None}, section="", row=())
    row, made = read(entry, told, GROUND, Words())
    assert (row is None) == any(odd.out for odd in made.odd)
    if row is None:
        return
    state, asked, agency, at = FIRST, "", None, row.history.at
    assert at <= NOW
    for move in row.history.acts:
        assert at <= move.at <= NOW
        at = move.at
        have = {*move.move_input, *(["category"] if state is not FIRST else [])}
        step = check(move.name, state, move.by, have, agency_id=agency)
        asked, state = (state, step.to(state, asked)) if move.name == "ask" else (asked, step.to(state, asked))
        agency = move.move_input["agency"].pk if move.name == "route" else agency
    assert state is row.state


@given(rows)
def test_the_same_row_is_the_same_ticket(cells):
    entry = Entry(line=2, cells={k: v for k, v in cells.items() if v is not None}, section="", row=())
    first, _ = read(entry, ColumnMapping(), GROUND, Words())
    again, _ = read(
        Entry(line=9, cells=dict(reversed(entry.cells.items())), section="x", row=(1,)),
        ColumnMapping(),
        GROUND,
        Words(),
    )
    assert first is None or again is None or (first.key, first.digest) == (again.key, again.digest)


def test_every_state_of_ours_can_be_told_by_a_list():
    told = set()
    for state in sorted(set(State) - {State.MERGED}):
        cells = {
            "received": datetime(2024, 1, 1),
            "text": "x",
            "category": "Đèn",
            "agency": "Xí nghiệp",
            "state": state,
        }
        row, _ = read(Entry(line=2, cells=cells, section="", row=()), ColumnMapping(), GROUND, Words())
        assert row is not None
        told.add(row.state)
    assert told == set(State) - {State.MERGED}
