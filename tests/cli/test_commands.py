"""Every command from a bare shell: it helps, and of nonsense it says in one line what is wrong."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from caunoi.cli import main
from caunoi.host import backup, guard, postgres
from caunoi.host.home import CHECKOUT

COMMANDS = sorted(constants["NAME"] for constants in main._commands())


def shell(home: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    clean = {"PYTHONPATH": str(CHECKOUT), "CAUNOI_HOME": str(home), **environ}
    return subprocess.run([sys.executable, "-m", "caunoi.cli", *words], env=clean, capture_output=True, text=True)


@pytest.mark.parametrize("name", COMMANDS)
def test_it_helps_in_a_shell_where_nothing_is_set(name: str, tmp_path: Path) -> None:
    done = shell(tmp_path, name, "--help")
    assert (done.returncode, done.stderr, done.stdout[:14]) == (0, "", f"usage: caunoi {name}"[:14])


@pytest.mark.parametrize("name", COMMANDS)
def test_it_understands_no_nonsense(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main.main([name, "--no-such-option", "vớ vẩn"])
    out, err = capsys.readouterr()
    assert (ended.value.code, out, err.count("\n")) == (2, "", 1), err
    assert err.startswith(f"caunoi {name}: ")


def test_no_command_counts_on_the_order_of_its_imports() -> None:
    for path in main.FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        froms = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        names = {f"{node.module}.{alias.name}" for node in froms for alias in node.names}
        assert "caunoi.cli.product" not in names, f"{path.name}: say NEEDS instead"


def test_an_unknown_command_is_one_line_with_what_was_perhaps_meant(tmp_path: Path) -> None:
    done = shell(tmp_path, "restor")
    assert (done.returncode, done.stderr) == (2, "caunoi: no command 'restor'; is 'restore' meant?\n")
    assert shell(tmp_path, "manage", "nonsense").returncode == 2


def test_nothing_of_the_product_starts_while_a_restore_runs(tmp_path: Path) -> None:
    with postgres.serving(tmp_path), guard.alone(postgres.parameters(tmp_path)):
        for name in ("migrate", "worker", "web", "bridge"):
            done = shell(tmp_path, name)
            assert (done.returncode, done.stdout) == (1, "")
            assert done.stderr.startswith(f"caunoi {name}: a restore is running: caunoi restore at this machine"), (
                done.stderr
            )
    with backup.stopped(tmp_path):
        done = shell(tmp_path, "up", "--lang", "en")
        assert (done.returncode, "caunoi restore" in done.stderr) == (1, True)


@pytest.mark.parametrize(
    ("environ", "line"),
    [
        ({"CAUNOI_SECRET_KEY_FILE": "/nowhere"}, "caunoi migrate: [Errno 2] No such file or directory: '/nowhere'"),
        ({"PORT": "many"}, "caunoi migrate: invalid literal for int()"),
        (
            {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
            "caunoi: no database at 127.0.0.1:1, database none: Connection refused",
        ),
        ({"CAUNOI_PG_BIN": "/nowhere"}, "caunoi: the database does not start: no PostgreSQL"),
    ],
)
def test_what_cannot_work_is_said_in_a_line(environ: dict[str, str], line: str, tmp_path: Path) -> None:
    done = shell(tmp_path, "migrate", **environ)
    assert done.returncode in (1, 2)
    assert done.stderr.startswith(line), done.stderr
    assert done.stderr.count("\n") == 1
