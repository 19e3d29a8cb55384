"""What `messages --check` sees: every way a text asks to be translated, and what its translation must have.

Proves: a text without its Vietnamese is found however it is asked for: plurals, contexts, literals over two lines"""

import argparse
import shutil

import polib
import pytest

from caunoi.cli import messages

PAGE = """{% translate
   "Lamp" %}{% blocktranslate
 count n=n %}a{% plural %}{{ n }} b{% endblocktranslate %}{{ x|default:_("Road") }}"""
CODE = """x = _("one "
    "text")
y = ngettext("a day", "days", 2)
z = pgettext("weekday", "Mon")
w = npgettext_lazy("c", "d", "e", 1)
"""

pytestmark = pytest.mark.skipif(shutil.which("xgettext") is None, reason="GNU gettext is not installed")


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "code.py").write_text(CODE)
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "texts", lambda: [("table", "Tree")])
    return tmp_path


def test_every_way_to_ask_for_a_translation_is_seen(place):
    assert messages.used() == {
        ("Tree", None, ""): "table",
        ("Lamp", None, ""): "page.html",
        ("a", None, "%(n)s b"): "page.html",
        ("Road", None, ""): "page.html",
        ("one text", None, ""): "code.py",
        ("a day", None, "days"): "code.py",
        ("Mon", "weekday", ""): "code.py",
        ("d", "c", "e"): "code.py",
    }


def test_a_translation_without_the_plural_or_the_context_is_none(place, monkeypatch, capsys):
    known = [
        polib.POEntry(msgid=text, msgctxt=context, msgid_plural=plural, msgstr="x")
        for text, context, plural in (*messages.used(), ("Mon", None, ""))
        if text != "Mon" or context is None
    ]
    next(entry for entry in known if entry.msgid == "a day").msgid_plural = ""
    monkeypatch.setattr(messages, "compile_language", lambda language: known)
    assert messages.run(argparse.Namespace(check=True)) == 1
    assert capsys.readouterr().err.splitlines() == [
        "code.py: no Vietnamese for 'Mon'",
        "code.py: no Vietnamese for 'a day'",
    ]


def test_without_gettext_it_says_what_to_install(place, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(place))
    monkeypatch.setattr(messages, "compile_language", lambda language: [])
    assert messages.run(argparse.Namespace(check=True)) == 2
    assert "apt-get install gettext" in capsys.readouterr().err
