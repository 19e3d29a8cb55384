"""What a caller presses before and after the talk: consent, menus, a place that is kept, a grade."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st
from recordings import call_events, frames_of

from caunoi.telephony import facts
from caunoi.telephony.ami import parse
from caunoi.telephony.asterisk import translate
from caunoi.telephony.calls import Call, contradictions, fold, reduce
from caunoi.telephony.events import CallEvent, Outcome
from caunoi.telephony.transcript import Frame

CALLER, LATER, TURN = "1795786050.749", "1795786055.750", "cbq-2"


def calls(frames: tuple[Frame, ...]) -> dict[str, Call]:
    return fold(call_events(frames))


def said(frames: tuple[Frame, ...], old: str, new: str) -> tuple[Frame, ...]:
    """The transcript, with other words in its packets."""
    texts = ["\n".join(f"{key}: {value}" for key, value in frame.packet.pairs) for frame in frames]
    return tuple(
        replace(frame, packet=parse(text.replace(old, new))) for frame, text in zip(frames, texts, strict=True)
    )


def test_who_keeps_their_place_has_not_given_up_and_is_served_before_who_came_later() -> None:
    found = calls(frames_of("callback_keeps_place"))
    assert found[CALLER].outcome is Outcome.KEEPS_PLACE and found[CALLER].kept_place is not None
    assert found[TURN].is_turn and found[TURN].outcome is Outcome.ANSWERED
    assert found[TURN].connected_at < found[LATER].connected_at and found[CALLER].joined_at < found[LATER].joined_at  # type: ignore[operator]


def test_the_turn_waits_in_the_queue_until_an_operator_and_then_the_citizen_has_picked_up() -> None:
    frames = frames_of("callback_keeps_place")
    states: list[str] = []
    for cut in range(len(frames)):
        if (call := calls(frames[:cut]).get(TURN)) and call.is_turn and call.state not in states[-1:]:
            states.append(call.state)
    assert states[:2] == ["waiting", "ringing"] and states[-1] == "ended"
    assert states.count("talking") == 1 and states.index("talking") > 2, "nobody talks before the citizen picks up"


def test_a_citizen_who_is_not_there_twice_was_tried_by_an_operator_and_not_reached() -> None:
    frames = frames_of("callback_keeps_place")
    trunk = "1795786071.754"
    unanswered = tuple(
        frame
        for frame in frames
        if not (frame.packet["DestUniqueid"] == trunk and frame.packet["Event"] == "DialEnd")
        and frame.packet["Event"] != "AgentComplete"
    )
    call = calls(unanswered)[TURN]
    assert call.outcome is not Outcome.ANSWERED and call.talked == 0 and not contradictions(call)
    assert [leg.operator for leg in call.legs] == ["lan"]


def test_nobody_was_free_for_the_turn_and_it_is_no_call_that_was_not_answered() -> None:
    frames = tuple(
        frame
        for frame in frames_of("callback_keeps_place")
        if not frame.packet["Event"].startswith(("Agent", "Dial")) or frame.packet["DestUniqueid"] == TURN
    )
    assert calls(frames)[TURN].outcome is Outcome.TIMEOUT


def test_the_number_is_known_where_the_half_that_waits_is_called_by_place_queue_and_number() -> None:
    frames = said(frames_of("callback_keeps_place"), "Exten: 0912345602", "Exten: 1*tongdai1022*0912345602")
    assert calls(frames)[TURN].dialled == "0912345602"


def test_menus_consent_and_grade_are_understood() -> None:
    (call,) = calls(frames_of("menu_consent_survey")).values()
    assert call.graded and call.graded[1] == "5" and call.announced and not call.unrecorded
    assert [choice for _at, choice in call.pressed] == [":2"] and call.recording


def test_where_it_was_refused_there_is_no_recording() -> None:
    frames = said(frames_of("menu_consent_survey"), "Announced: yes", "Announced: yes\nRecorded: no")
    (call,) = calls(frames).values()
    assert call.unrecorded and call.outcome is Outcome.ANSWERED and call.recording is None


def test_a_message_is_kept_though_the_talk_was_not_to_be_recorded() -> None:
    frames = frames_of("voicemail_timeout")
    call = next(iter(calls(frames).values()))
    at = call.began_at + timedelta(seconds=1)
    text = f"Event: UserEvent\nUserEvent: HotlineConsent\nLinkedid: {call.call_id}\nAnnounced: yes\nRecorded: no"
    for event in translate(parse(text), at):
        assert isinstance(event, CallEvent)
        call = reduce(call, event)
    assert call.unrecorded and call.outcome is Outcome.VOICEMAIL and call.recording


MOMENT = datetime(2026, 12, 1, 8, tzinfo=UTC)
TEXTS = [
    "HotlineConsent\nAnnounced: yes\nRecorded: no",
    "HotlineMenu\nMenu: main\nChoice: 1",
    "HotlineMenu\nMenu: main\nChoice: 2",
]
TEXTS += ["HotlineCallbackAsked\nNumber: 0912345678\nPosition: 3", "HotlineSurvey\nGrade: 4", "HotlineSurvey\nGrade: 2"]


@given(st.lists(st.tuples(st.sampled_from(TEXTS), st.integers(0, 60)), max_size=8), st.randoms())
def test_in_whatever_order_and_from_however_many_sides_it_is_told(told: list[tuple[str, int]], chance: object) -> None:
    events = [
        event
        for text, second in told
        for event in translate(
            parse(f"Event: UserEvent\nUserEvent: {text}\nLinkedid: 1.1"), MOMENT + timedelta(seconds=second)
        )
        if isinstance(event, CallEvent)
    ]
    whole = fold(events)
    shuffled = list(events)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    half = len(shuffled) // 2
    assert fold(shuffled + shuffled) == whole
    if events:
        parts = [fold(part).get("1.1") for part in (shuffled[:half], shuffled[half:])]
        joined = facts.join(parts[0], parts[1]) if parts[0] and parts[1] else parts[0] or parts[1]
        assert joined == whole["1.1"] == facts.load(facts.dump(whole["1.1"]))
