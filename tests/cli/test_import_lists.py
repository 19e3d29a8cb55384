"""`caunoi import agencies|people|tickets FILE`: previewed, reported, taken back.

Proves: `caunoi import agencies|people FILE` (CSV/XLSX, `--mapping`, `--preview`, `--oddities`), `caunoi import undo
N`"""

import pytest

from caunoi.accounts.models import User
from caunoi.cli import import_
from caunoi.imports.models import Batch
from tests.imports.conftest import table

PEOPLE = table(
    [["Họ và tên", "Vai trò", "Đơn vị"], ["Lý Ba", "Chuyên viên", "Công ty Điện lực"], ["Lý Tư", "", "=Nơi nào"]]
)


@pytest.fixture
def command(town, tmp_path, capsys):
    def command(what, content, *options):
        path = tmp_path / "file.csv"
        if content is not None:
            path.write_bytes(content)
        parser = import_.argparse.ArgumentParser()
        import_.arguments(parser)
        code = import_.run(
            parser.parse_args([what, str(path) if what != "undo" else options[0], *options[what == "undo" :]])
        )
        out = capsys.readouterr()
        return code, out.out, out.err

    return command


def test_a_preview_says_what_would_change_and_changes_nothing(command):
    code, out, _err = command("people", PEOPLE, "--preview")
    assert (code, "+ bal Lý Ba" in out, "1 new, 0 changed, 0 as they were, 1 left out" in out) == (0, True, True)
    assert not User.objects.filter(username="bal").exists()
    assert not Batch.objects.exists()


def test_every_odd_row_goes_into_a_table_that_excel_can_open_and_we_can_read_again(command, tmp_path):
    out = tmp_path / "odd.csv"
    code, said, _err = command("people", PEOPLE, "--oddities", str(out))
    assert (code, User.objects.filter(username="bal").exists()) == (0, True)
    told = out.read_text("utf-8-sig")
    assert "3,x,formula" in told
    assert "'=Nơi nào" in told
    number = said.rsplit("undo ", 1)[1].strip()
    assert command("undo", None, number)[:2] == (
        0,
        f"import {number} taken back; 0 kept because they were changed or used since\n",
    )
    assert not User.objects.filter(username="bal", removed=None).exists()


@pytest.mark.parametrize(
    ("content", "mapping", "said"),
    [
        (b"%PDF-1.4", None, "This is not a spreadsheet"),
        (None, None, "No such file"),
        (table([["Cột lạ", "Cột khác"], ["x", "y"]]), None, "No row names the columns"),
        (PEOPLE, '[columns]\nfull_name = "Tên khác"', "A column that was chosen is not in the file"),
        (PEOPLE, "[colums]", "unknown: colums"),
        (PEOPLE, '[dates]\nzone = "Sao/Hoa"', "no time zone"),
    ],
)
def test_what_cannot_be_read_changes_nothing_and_says_why(command, tmp_path, content, mapping, said):
    told = tmp_path / "m.toml"
    told.write_text(mapping or "")
    code, _out, err = command("people", content, *(["--mapping", str(told)] if mapping else []))
    assert code == 2
    assert said in err


def test_a_mapping_names_columns_and_words(command, tmp_path):
    told = tmp_path / "m.toml"
    told.write_text(
        '[columns]\nfull_name = "Ai"\nagency = "Ở đâu"\n[words.agency]\n"Bên điện" = "dienluc"\n[file]\nheader = 2\n'
    )
    code, _out, err = command(
        "people", table([["Một tiêu đề"], ["Ai", "Ở đâu"], ["Lý Ba", "bên điện"]]), "--mapping", str(told)
    )
    assert (code, err) == (0, "")
    assert User.objects.get(username="bal").agency.code == "dienluc"
