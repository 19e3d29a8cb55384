"""What callers hear is made of rows, and `caunoi pbx write` writes it: menus as a dialplan, texts as sounds."""

import argparse
import io
import wave
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.calls import actions, menus, queries, voices
from caunoi.calls.actions import BadPromptError
from caunoi.calls.models import PromptVersion, VoiceChoice, WaitNotice
from caunoi.calls.voices import NoVoiceError
from caunoi.cli import pbx
from caunoi.conversations.models import Inbox
from caunoi.events.actor import SYSTEM, NotAllowedError
from caunoi.telephony.plan import Hours
from caunoi.telephony.sound import BadSoundError
from caunoi.telephony.speaking import Act

pytestmark = pytest.mark.django_db


def wav(hertz: float = 440, rate: int = 16000) -> bytes:
    values = (np.sin(2 * np.pi * hertz * np.arange(rate // 2) / rate) * 20000).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(values.tobytes())
    return out.getvalue()


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A voice in espeak-ng's place, which notes what it said: each text another tone."""
    spoken: list[str] = []

    def speak(text: str) -> bytes:
        spoken.append(text)
        return wav(300 + len(spoken))

    monkeypatch.setattr("caunoi.calls.actions.speaking.speak", speak)
    monkeypatch.setattr("caunoi.calls.actions.speaking.has_voice", lambda: True)
    return spoken


@pytest.fixture
def dumb(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices.shutil, "which", lambda _program: None)


@pytest.fixture
def spoken_to(asterisk: Inbox) -> Inbox:
    """An exchange with a menu of power, a ticket's state and another menu."""
    main = actions.put_menu(asterisk, "main", by=SYSTEM)
    actions.put_menu(asterisk, "more", by=SYSTEM)
    actions.put_choice(main, "1", Act.QUEUE, "tongdai1022", "Điện, nước", field="dien", by=SYSTEM)
    actions.put_choice(main, "2", Act.TICKET, "", "Tình trạng phản ánh", by=SYSTEM)
    actions.put_choice(main, "3", Act.MENU, "more", "Thủ tục", by=SYSTEM)
    return asterisk


def write(folder: Path, *more: str) -> int:
    parser = argparse.ArgumentParser()
    pbx.arguments(parser)
    return pbx.run(parser.parse_args(["write", str(folder), *more]))


def test_rows_become_the_dialplan_and_the_sounds_that_it_plays(
    spoken_to: Inbox, machine: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(tmp_path) == 0
    text = (tmp_path / "extensions.conf").read_text("utf-8")
    assert "Goto(hotline-menu-main," in text and "Set(__FIELD=dien)" in text and "[hotline-menu-more]" in text
    key = Inbox.objects.get(pk=spoken_to.pk).secrets["live_key"]
    assert len(key) >= 20 and f"LIVE_PASSWORD = {key}\n" in text
    folder = tmp_path / "sounds" / "caunoi"
    names = {path.stem for path in folder.iterdir()}
    assert {"consent", "menu-main", "menu-more", "ticket-code", "ticket-working", "wait-5"} <= names
    with wave.open(str(folder / "menu-main.wav")) as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (8000, 2, 1)
    assert any("Điện, nước, bấm phím 1." in said and "bấm phím 0" in said for said in machine)
    assert len([said for said in machine if "xin nghe" in said]) == 1, "only the menu that is asked first greets"
    assert "cp -r" in capsys.readouterr().out


def test_written_again_nothing_is_said_anew_and_a_changed_menu_is(
    spoken_to: Inbox, machine: list[str], tmp_path: Path
) -> None:
    write(tmp_path)
    before = len(machine)
    write(tmp_path)
    assert len(machine) == before
    actions.put_choice(menus.menus(spoken_to)[0], "4", Act.MESSAGE, "", "Để lại lời nhắn", by=SYSTEM)
    write(tmp_path)
    assert len(machine) == before + 1 and "Để lại lời nhắn, bấm phím 4." in machine[-1]


def test_a_persons_recording_is_never_spoken_over(spoken_to: Inbox, machine: list[str], tmp_path: Path) -> None:
    prompt = actions.write_prompt("menu-main", "vi", "", by=SYSTEM)
    version = actions.record_prompt(prompt, wav(1000), by=SYSTEM)
    write(tmp_path)
    assert menus.latest("menu-main") == version and not version.machine
    assert (tmp_path / "sounds/caunoi/menu-main.wav").read_bytes() == actions.sound_of(version)
    assert not any("Điện, nước" in said for said in machine)


def test_without_a_voice_it_is_said_what_callers_do_not_hear(
    spoken_to: Inbox, dumb: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert write(tmp_path) == 0
    told = capsys.readouterr().err
    assert "espeak-ng is not installed" in told and "menu-main" in told and not (tmp_path / "sounds").exists()


@pytest.mark.skipif(not voices.has_voice(), reason="espeak-ng is not installed")
def test_the_real_voice_says_vietnamese() -> None:
    data, seconds = actions.preview("Tổng đài {hotline} xin nghe.", {"hotline": "1 0 2 2"})
    assert data[:4] == b"RIFF" and 1 < seconds < 6


def test_versions_stay_and_an_older_one_can_be_heard_again(spoken_to: Inbox, machine: list[str]) -> None:
    prompt = actions.write_prompt("closed", "vi", "Đóng cửa.", by=SYSTEM)
    first = actions.speak_prompt(prompt, {}, [], by=SYSTEM)
    second = actions.record_prompt(prompt, wav(700), by=SYSTEM)
    assert menus.latest("closed") == second and first.machine and first.spoken == "Đóng cửa."
    again = actions.play_again(first, by=SYSTEM)
    assert menus.latest("closed") == again and again.digest == first.digest and PromptVersion.objects.count() == 3


def test_a_language_without_a_machine_is_recorded_and_else_vietnamese_is_heard(
    spoken_to: Inbox, machine: list[str], tmp_path: Path
) -> None:
    prompt = actions.write_prompt("menu-main", "sti", "", by=SYSTEM)
    with pytest.raises(BadPromptError):
        actions.speak_prompt(prompt, {}, [], by=SYSTEM)
    write(tmp_path)
    assert (menus.latest("menu-main", "sti") or prompt).prompt.language == "vi"  # type: ignore[union-attr]
    version = actions.record_prompt(prompt, wav(900), by=SYSTEM)
    write(tmp_path)
    assert menus.latest("menu-main", "sti") == version
    assert (tmp_path / "sounds/sti/caunoi/menu-main.wav").read_bytes() == actions.sound_of(version)


@pytest.mark.parametrize(
    ("name", "language", "text", "code"),
    [
        ("../../etc", "vi", "a", "name"),
        ("notice-1", "vi", "a", "name"),
        ("menu-main", "xx", "a", "language"),
        ("menu-main", "vi", "{password}", "variable"),
    ],
)
def test_what_is_no_prompt_is_refused(db: None, name: str, language: str, text: str, code: str) -> None:
    with pytest.raises(BadPromptError) as refused:
        actions.write_prompt(name, language, text, by=SYSTEM)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("key", "act", "target", "field"),
    [
        ("0", Act.MESSAGE, "", ""),
        ("12", Act.MESSAGE, "", ""),
        ("4", Act.MENU, "no-such", ""),
        ("4", Act.QUEUE, "a,b", ""),
        ("4", Act.SAY, "a)b", ""),
        ("4", Act.LANGUAGE, "xx", ""),
        ("4", Act.MESSAGE, "", "a b"),
    ],
)
def test_a_key_that_no_exchange_could_follow_is_refused(
    spoken_to: Inbox, key: str, act: Act, target: str, field: str
) -> None:
    with pytest.raises(BadPromptError):
        actions.put_choice(menus.menus(spoken_to)[0], key, act, target, "Gì đó", field=field, by=SYSTEM)
    assert VoiceChoice.objects.count() == 3


def test_a_menu_to_which_a_key_leads_stays(spoken_to: Inbox) -> None:
    main, more = menus.menus(spoken_to)
    with pytest.raises(BadPromptError):
        actions.drop_menu(more, by=SYSTEM)
    actions.drop_choice(VoiceChoice.objects.get(key="3"), by=SYSTEM)
    actions.drop_menu(more, by=SYSTEM)
    assert menus.menus(spoken_to) == [main]


def test_what_is_no_sound_is_not_kept(db: None) -> None:
    prompt = actions.write_prompt("closed", "vi", "", by=SYSTEM)
    with pytest.raises(BadSoundError):
        actions.record_prompt(prompt, b"ID3 not a wav", by=SYSTEM)
    assert not PromptVersion.objects.exists()


# --- what is said of an incident ---


def test_an_incident_is_said_to_whom_it_concerns_until_its_time(machine: list[str], town: object) -> None:
    supervisor = User.objects.filter(role="supervisor").first()
    assert supervisor
    until = now() + timedelta(hours=2)
    everybody = actions.begin_notice("Toàn tỉnh mưa lớn.", until, [], by=supervisor.as_actor())
    power = actions.begin_notice("Mất điện ở Đồng Xoài.", until, ["dien"], by=supervisor.as_actor())
    assert (menus.notice_for("dien"), menus.notice_for("")) == (power, everybody)
    actions.end_notice(power, by=supervisor.as_actor())
    assert menus.notice_for("dien") == everybody
    WaitNotice.objects.update(until=now())
    assert menus.notice_for("dien") is None


def test_only_supervisors_and_administrators_speak_to_all_callers(machine: list[str], town: object) -> None:
    operator = User.objects.get(username="lan")
    with pytest.raises(NotAllowedError):
        actions.begin_notice("Alo", now() + timedelta(hours=1), [], by=operator.as_actor())
    assert machine == [] and not WaitNotice.objects.exists()


def test_without_a_voice_an_incident_cannot_be_said(dumb: None, db: None) -> None:
    with pytest.raises(NoVoiceError) as refused:
        actions.begin_notice("Mất điện.", now() + timedelta(hours=1), [], by=SYSTEM)
    assert refused.value.code == "missing" and not WaitNotice.objects.exists()


# --- texts ---


def test_opening_hours_are_read_aloud() -> None:
    week = ((450, 720), (780, 1020))
    text = menus.hours_text(Hours(week=(week,) * 5 + (((450, 690),),) + ((),)))
    assert text == (
        "Giờ làm việc: từ thứ hai đến thứ sáu từ 7 giờ 30 đến 12 giờ và từ 13 giờ đến 17 giờ; "
        "thứ bảy từ 7 giờ 30 đến 11 giờ 30."
    )
    assert "suốt ngày đêm" in menus.hours_text(None)


def test_procedures_are_read_aloud_by_name_and_time_alone() -> None:
    ways = (SimpleNamespace(time_said="15 ngày làm việc.", fee_text="50.000 đồng"),)
    records = [
        SimpleNamespace(name="Đăng ký khai sinh", agency="Ủy ban nhân dân cấp xã", authority="", ways=ways),
        SimpleNamespace(name="Cấp giấy " * 20, agency="", authority="", ways=()),
    ]
    text = menus.procedures_text(records)  # type: ignore[arg-type]
    first, second = text.split(" Thủ tục 2: ")
    assert first == "Thủ tục 1: Đăng ký khai sinh. Thời hạn 15 ngày làm việc."
    assert len(second) <= 81 and second.endswith("Cấp."), "cut between two words"


def test_what_an_exchange_asks_with_is_its_inbox_own(spoken_to: Inbox) -> None:
    box = actions.make_passwords(spoken_to, by=SYSTEM)
    key = box.secrets["live_key"]
    assert queries.box_of_live_key(key) == box
    assert (
        queries.box_of_live_key("") is queries.box_of_live_key(key[:-1]) is queries.box_of_live_key(key + "x") is None
    )
