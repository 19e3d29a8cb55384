"""Transcripts from a stub of an OpenAI-compatible endpoint, which also lies, is slow, and answers rubbish."""

from types import SimpleNamespace

import httpx
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from caunoi.calls.models import Call
from caunoi.conversations.queries import inbox
from caunoi.events.actor import NotAllowedError
from caunoi.quality import actions, queries, speech, tasks
from caunoi.quality.speech import Endpoint, TranscriptionError

WHERE = Endpoint(url="http://speech.example/v1", model="stub", key="demo-key")
SOUND = b"RIFF....WAVE"


def stub(answer):
    return httpx.MockTransport(answer)


def test_the_recording_goes_out_and_the_words_come_back():
    def heard(request):
        body = request.read()
        assert request.url == "http://speech.example/v1/audio/transcriptions"
        assert request.headers["authorization"] == "Bearer demo-key"
        assert SOUND in body and b'name="model"\r\n\r\nstub' in body and b'filename="a.wav"' in body
        return httpx.Response(200, json={"text": " A lô, đèn đường tắt. "})

    assert speech.hear(SOUND, "a.wav", WHERE, transport=stub(heard)) == "A lô, đèn đường tắt."


def slow(request):
    raise httpx.ReadTimeout("slow", request=request)


def away(request):
    raise httpx.ConnectError("away", request=request)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (slow, "timeout"),
        (away, "unreachable"),
        (lambda r: httpx.Response(500, text="x"), "unreachable"),
        (lambda r: httpx.Response(200, text="<html>"), "unreadable"),
        (lambda r: httpx.Response(200, json=["text"]), "unreadable"),
        (lambda r: httpx.Response(200, json={"text": 7}), "unreadable"),
        (lambda r: httpx.Response(200, json={"text": "x" * speech.ANSWER}), "unreadable"),
        (lambda r: httpx.Response(200, json={"text": " \0 "}), "nothing"),
    ],
)
def test_what_is_no_transcript_is_none(answer, code):
    with pytest.raises(TranscriptionError) as none:
        speech.hear(SOUND, "a.wav", WHERE, transport=stub(answer))
    assert none.value.code == code


def test_too_large_a_recording_does_not_leave_the_house():
    with pytest.raises(TranscriptionError, match="large"):
        speech.hear(b"x" * (speech.BYTES + 1), "a.wav", WHERE, transport=stub(lambda r: pytest.fail("sent")))


def test_without_an_address_nothing_is_sent(settings):
    settings.SPEECH_URL = ""
    with pytest.raises(TranscriptionError, match="off"):
        speech.configured()


@pytest.fixture
def call(hotline, settings):
    settings.SPEECH_URL, settings.SPEECH_MODEL = WHERE.url, WHERE.model
    return Call.objects.create(
        inbox=inbox("phone"),
        call_id="1",
        facts={},
        direction="in",
        state="ended",
        outcome="answered",
        began="2026-11-01T00:00Z",
        sound="calls/a.wav",
    )


def test_a_transcript_is_kept_once(hotline, call, monkeypatch):
    asked = []
    monkeypatch.setattr(speech, "hear", lambda *a: asked.append(a) or "A lô.")
    assert actions.transcribe(call, SOUND, by=hotline.thu).text == "A lô."
    actions.transcribe(call, SOUND, by=hotline.thu)
    assert len(asked) == 1 and queries.transcripts([call.pk])[call.pk].model == "stub"
    with pytest.raises(NotAllowedError):
        actions.transcribe(call, SOUND, by=hotline.lan)


def test_a_message_is_written_down_by_itself_and_a_talk_is_not(hotline, call, monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(speech, "hear", lambda *a: "Nhà tôi mất điện.")
    deferred = []
    monkeypatch.setattr(tasks.write_message, "defer", lambda **values: deferred.append(values["call_id"]))
    tasks.write_down(SimpleNamespace(subject_id=call.pk))
    Call.objects.filter(pk=call.pk).update(outcome="voicemail", sound=default_storage.save("a.wav", ContentFile(SOUND)))
    tasks.write_down(SimpleNamespace(subject_id=call.pk))
    Call.objects.filter(pk=call.pk).update(shut=True)
    tasks.write_down(SimpleNamespace(subject_id=call.pk))
    assert deferred == [call.pk], "neither the talk nor what was said in confidence"
    tasks.write_message.func.__wrapped__(call.pk)
    assert queries.transcripts([call.pk]) == {}, "told in confidence after it was put off"
    Call.objects.filter(pk=call.pk).update(shut=False)
    tasks.write_message.func.__wrapped__(call.pk)  # without what a worker's thread closes behind it
    assert queries.transcripts([call.pk])[call.pk].text == "Nhà tôi mất điện."


def test_without_an_endpoint_a_message_is_only_heard(hotline, call, monkeypatch, settings):
    settings.SPEECH_URL = ""
    Call.objects.filter(pk=call.pk).update(outcome="voicemail")
    monkeypatch.setattr(tasks.write_message, "defer", lambda **_: pytest.fail("asked"))
    tasks.write_down(SimpleNamespace(subject_id=call.pk))
