import pytest

from caunoi.cli import import_
from caunoi.procedures import queries
from tests.procedures.records import lines, raw, row, sheet


@pytest.fixture
def command(db, tmp_path, capsys):
    """Run `caunoi import procedures` over files of these contents; gives exit code, output, errors."""

    def command(*contents: bytes, options: tuple[str, ...] = ()):
        paths = []
        for number, content in enumerate(contents):
            paths.append(tmp_path / f"file{number}")
            paths[-1].write_bytes(content)
        parser = import_.argparse.ArgumentParser()
        import_.arguments(parser)
        code = import_.run(parser.parse_args(["procedures", *map(str, paths), *options]))
        out = capsys.readouterr()
        return code, out.out, out.err

    return command


def test_lists_and_records_are_brought_in_together(command):
    code, out, _err = command(sheet(row("1.000001"), row("1.000002")), lines(raw("1.000001")))
    assert code == 0
    assert "file0: 2 new, 0 changed, 0 gone, 0 as they were, 0 oddities" in out
    assert "file1: 0 new, 1 changed, 0 gone, 0 as they were, 0 oddities" in out
    assert queries.find("1.000001").current.number == 2


def test_a_preview_changes_nothing(command):
    code, out, _err = command(lines(raw("1.000001")), options=("--preview",))
    assert (code, "+ 1.000001" in out, queries.find("1.000001")) == (0, True, None)


def test_one_bad_file_takes_the_good_ones_back_and_names_its_line(command):
    code, _out, err = command(sheet(row("1.000001")), lines(raw("1.000002"))[:-30])
    assert code == 2
    assert "file1, line 1: The line is not whole JSON" in err
    assert "nothing was changed" in err
    assert queries.find("1.000001") is None


def test_a_missing_file_is_named(command, db):
    parser = import_.argparse.ArgumentParser()
    import_.arguments(parser)
    assert import_.run(parser.parse_args(["procedures", "/nowhere/x.xlsx"])) == 2


def test_oddities_are_written_as_a_table(command, tmp_path):
    out = tmp_path / "odd.csv"
    odd = raw(cach_thuc_thuc_hien="Hình thức nộpThời gianPhí, lệ phíMô tảTrực tiếp15Miễn phí")
    command(lines(odd), options=("--oddities", str(out), "--from", "2026-07-01"))
    assert "time_without_unit" in out.read_text("utf-8-sig")
    assert queries.find("1.000001").current.effective_from.isoformat() == "2026-07-01"
