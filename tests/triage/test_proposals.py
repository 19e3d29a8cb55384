"""Proposals that know when to be silent, by the model that every installation begins with.

Proves: kind, field, urgency, gate and flags of a message are proposals with a probability; rules raise the gate; what
is not understood is not proposed"""

import pytest

from caunoi.triage import starter
from caunoi.triage.model import Guess
from caunoi.triage.proposals import Certainty, Limits, Proposal, is_emergency, propose


def of(text: str, **more: object) -> dict[str, Proposal]:
    return propose(text, starter.model(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "field", "kind"),
    [
        ("Đèn đường trước nhà tắt cả tuần nay", "lamps", "report"),
        ("den duong hem 12 tat ca tuan ko ai sua", "lamps", "report"),
        ("mất nước máy hai ngày rồi ad ơi", "water", "report"),
        ("Làm lại căn cước bị mất cần giấy tờ gì?", "identity", "question"),
        ("quán karaoke sát nhà hát tới 12 giờ đêm", "noise", "report"),
    ],
)
def test_a_plain_message_is_proposed_its_field_and_kind(text: str, field: str, kind: str) -> None:
    matters = of(text)
    assert matters["category"].sure and matters["category"].value == field
    assert matters["kind"].value == kind and matters["gate"].value == "none"


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        ("Cháy nhà rồi, lửa lan qua nhà bên, cứu với", "emergency_114"),
        ("ba tôi té xỉu bất tỉnh kêu không nghe, thở yếu lắm", "emergency_115"),
        ("Tôi tố cáo ông trưởng ấp nhận hối lộ 5 triệu của dân", "denunciation"),
        ("tôi khiếu nại quyết định thu hồi đất số 12 của UBND xã", "complaint"),
        ("alo alo test", "spam"),
        ("Rác ở chợ Cai Lậy ba ngày không ai hốt", "out_of_area"),
        ("Bị phạt mà không ai lập biên bản, tôi không nộp, đề nghị hủy quyết định", "complaint"),
    ],
)
def test_what_goes_before_all_else_is_raised(text: str, gate: str) -> None:
    assert of(text)["gate"].value == gate


def test_a_rule_raises_what_the_model_would_let_pass() -> None:
    class Deaf:
        """A model that is certain of nothing but harmlessness."""

        def propose(self, features: object, allowed: object) -> dict[str, Guess]:
            calm = {name: Guess(value=name, p=0.01) for name in ("emergency", "legal", "odd")}
            rest = ("field", "kind", "urgency", "danger", "person", "unnamed")
            return calm | {name: Guess(value="x", p=0.2) for name in rest}

    gate = propose("có người đuối nước ở sông Bé", Deaf())["gate"]  # type: ignore[arg-type]
    assert is_emergency(gate.value) and gate.certainty is Certainty.PERHAPS


def test_where_it_is_not_clear_which_gate_it_may_be_clear_that_there_is_one() -> None:
    class Doubtful:
        """A model that suspects a complaint, and is surer that something goes before all else."""

        def __init__(self, p: float) -> None:
            self.p = p

        def propose(self, features: object, allowed: object) -> dict[str, Guess]:
            return {"legal": Guess(value="complaint", p=0.06), "any": Guess(value="any", p=self.p)}

    raised, quiet = (propose("đèn", Doubtful(p))["gate"] for p in (0.3, 0.03))  # type: ignore[arg-type]
    assert raised.value == "complaint" and raised.certainty is Certainty.PERHAPS
    assert quiet.value == "none"


def test_what_is_not_understood_is_not_proposed() -> None:
    matters = of("dạ")
    assert matters["category"].certainty is Certainty.SILENT
    assert {matters[name].certainty for name in ("danger", "person", "unnamed")} == {Certainty.SILENT}


@pytest.mark.parametrize("text", ["", "  ", "!?"])
def test_of_a_form_without_words_nothing_is_proposed(text: str) -> None:
    matters = of(text)
    assert matters.pop("gate").value == "none"
    assert {one.certainty for one in matters.values()} == {Certainty.SILENT}


def test_a_field_that_is_not_in_force_is_not_proposed() -> None:
    assert of("Đèn đường tắt", fields=["roads", "trees"])["category"].value != "lamps"
    assert of("Đèn đường tắt", fields=[])["category"] == Proposal()


def test_each_field_has_a_limit_of_its_own() -> None:
    text = "Đèn đường trước nhà tắt cả tuần nay"
    assert not of(text, limits={"lamps": Limits(sure=1.01, perhaps=0.5)})["category"].sure
    assert of(text, limits={"roads": Limits(sure=1.01, perhaps=0.5)})["category"].sure


def test_where_no_row_says_so_a_field_is_sure_from_where_the_model_was_seldom_wrong() -> None:
    class Model:
        """Of lamps it was right often enough already at six in ten; of roads it does not know."""

        def propose(self, features: object, allowed: object) -> dict[str, Guess]:
            lamps = "den" in next(iter(features))  # type: ignore[call-overload]
            return {"field": Guess(value="lamps" if lamps else "roads", p=0.7, sure=0.6 if lamps else None)}

    def sure(text: str, **more: Limits) -> bool:
        return propose(text, Model(), limits=more)["category"].sure  # type: ignore[arg-type]

    assert sure("đèn") and not sure("đèn", lamps=Limits(sure=0.8, perhaps=0.5))
    assert not sure("ổ gà") and sure("ổ gà", roads=Limits(sure=0.6, perhaps=0.5))


def test_of_matters_that_a_model_never_learnt_nothing_is_proposed() -> None:
    class Young:
        """A model of a first week, without a single head."""

        def propose(self, features: object, allowed: object) -> dict[str, Guess]:
            return {}

    matters = propose("có người đuối nước ở sông Bé", Young())  # type: ignore[arg-type]
    assert is_emergency(matters.pop("gate").value)
    assert set(matters.values()) == {Proposal()}


def test_the_reasons_are_the_words_of_the_message() -> None:
    assert "đèn" in " ".join(of("Đèn đường trước nhà tắt cả tuần nay")["category"].why)
    assert "den" in " ".join(of("den duong truoc nha tat ca tuan nay")["category"].why)


def test_no_number_is_a_reason() -> None:
    """All count as one: "0 phường" would be a word that nobody wrote."""
    why = ("0 phuong", "0", "mat nuoc", "0h")
    said = Proposal(value="water", why=why).in_words({"phuong": "phường", "mat": "mất", "nuoc": "nước"})
    assert said.why == ("phường", "mất nước")
