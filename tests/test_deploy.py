"""What is given to those who install it: units, examples for proxies, the wheel's dependencies, the wheelhouse's
installer.

Proves: nginx, Caddy and HAProxy examples, loaded and used by tests"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "deploy"
UNITS = ("caunoi.service",)
EXPOSURE = 20  # of a hundred, as systemd-analyze counts; 30 is what we promise


def program(name: str) -> str:
    found = shutil.which(name, path="/usr/sbin:/usr/bin:/sbin:/bin")
    if not found:
        pytest.skip(f"{name} is not here")
    return found


def taken(*words: str | Path, home: Path) -> None:
    done = subprocess.run(
        words, capture_output=True, text=True, env={"PATH": "/usr/sbin:/usr/bin:/bin", "HOME": str(home)}
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def certified(tmp_path: Path) -> Path:
    """A folder with a certificate, in the forms that the examples name."""
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=1022.example.vn".split()
    files = ["-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem"]
    subprocess.run([program("openssl"), *words, *files], check=True, capture_output=True)
    both = (tmp_path / "fullchain.pem").read_text() + (tmp_path / "privkey.pem").read_text()
    (tmp_path / "both.pem").write_text(both)
    return tmp_path


def example(name: str, folder: Path) -> Path:
    file = folder / name
    file.write_text((DEPLOY / name).read_text("utf-8").replace("/etc/ssl/caunoi", str(folder)))
    return file


def test_nginx_takes_its_example(certified: Path) -> None:
    site = example("nginx.conf", certified)
    whole = certified / "whole.conf"
    whole.write_text(f"pid {certified}/pid; events {{}}\nhttp {{ include {site}; }}\n")
    taken(program("nginx"), "-t", "-p", certified, "-c", whole, home=certified)


def test_caddy_takes_its_example(certified: Path) -> None:
    words = ["validate", "--adapter", "caddyfile", "--config"]
    taken(program("caddy"), *words, example("Caddyfile", certified), home=certified)


def test_haproxy_takes_its_example(certified: Path) -> None:
    taken(program("haproxy"), "-c", "-f", example("haproxy.cfg", certified), home=certified)


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    files = []
    for name in UNITS:
        text = (DEPLOY / "debian" / name).read_text("utf-8").replace("/usr/bin/caunoi up", "/bin/true")
        files.append(tmp_path / name)
        files[-1].write_text(text.replace("User=caunoi", "User=nobody").replace("Group=caunoi", "Group=nogroup"))
    taken(program("systemd-analyze"), "verify", "--man=no", *files, home=tmp_path)


@pytest.mark.parametrize("name", [name for name in UNITS if name.endswith(".service")])
def test_a_service_can_do_little_else_than_its_work(name: str, tmp_path: Path) -> None:
    words = ["security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", DEPLOY / "debian" / name]
    taken(program("systemd-analyze"), *words, home=tmp_path)


def test_the_wheel_wants_exactly_what_was_tested() -> None:
    words = ["-c", "from hatchling.cli import hatchling; hatchling()", "metadata", "dependencies"]
    said = subprocess.run([sys.executable, *words], cwd=ROOT, capture_output=True, text=True)
    assert said.returncode == 0, said.stderr
    wanted = set(re.findall(r"\"?([\w.-]+)==", said.stdout))
    lock = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / "base.lock").read_text(), re.M))
    assert lock - wanted == {"vietnamadminunits"} and wanted <= lock


@pytest.mark.parametrize("there", ["CPython 3.99\nLinux x86_64\n", "CPython 3.13\nLinux riscv64\n"])
def test_a_wheelhouse_of_another_machine_is_refused_in_one_line(tmp_path: Path, there: str) -> None:
    shutil.copy(DEPLOY / "install.py", tmp_path)
    (tmp_path / "MACHINE").write_text(there)
    words = [sys.executable, tmp_path / "install.py", tmp_path / "new"]
    done = subprocess.run(words, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert ", ".join(there.split("\n")[:2]) in done.stderr
    assert not (tmp_path / "new").exists()
