"""The Debian package on a bare Debian: a root made with mmdebstrap, booted by its own systemd in namespaces of this
machine, without a network. Needs root, and Debian's packages by apt.

Proves: a wheel (6.3 MB), a wheelhouse (133 MB), an SBOM, a .deb (116 MB) with hardened units (exposure 1.3), 419 MB
installed of 450; venv + pip + Ready 35 s offline as another user; tried under real systemd in a bare Debian root;
upgraded over itself while it served; Containerfile built by buildah; arm64: 65 of 65 packages have wheels"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from stage import wait_until

pytestmark = pytest.mark.long(minutes=5)
BOOT = """
mount --make-rprivate /
mount --bind {root} {root}
mount -t proc proc {root}/proc
mount -t sysfs sysfs {root}/sys
mount -t cgroup2 cgroup2 {root}/sys/fs/cgroup
mount -t tmpfs tmpfs {root}/run
mkdir {root}/run/lock {root}/run/old
ip link set lo up
cd {root} && pivot_root . run/old && umount -l /run/old
exec env -i container=test PATH=/usr/sbin:/usr/bin /lib/systemd/systemd --system
"""
INSTALL = "env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends"
ANSWERS = 'province = "Cà Mau"\nopen = true\n[administrator]\nuser = "it"\nname = "IT (thử)"\n'


@dataclass
class Machine:
    """A Debian that has been booted; `sh` is root's shell there."""

    pid: int
    root: Path

    def sh(self, words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        enter = ["nsenter", "-t", str(self.pid), "-m", "-p", "-n", "-u", "-i", "-C", "-r", "-w"]
        clean = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8"}
        return subprocess.run(
            [*enter, "sh", "-c", words], env=clean, input=given, capture_output=True, text=True, timeout=300
        )

    def ask(self, path: str) -> int:
        """The status that an address of the product answers with; 0 where nobody does."""
        program = (
            "import sys, urllib.request as u, urllib.error as e\n"
            "try: print(u.urlopen('http://127.0.0.1:8022' + sys.argv[1], timeout=20).status)\n"
            "except e.HTTPError as error: print(error.code)\n"
            "except OSError: print(0)"
        )
        return int(self.sh(f'python3 -c "{program}" {path}').stdout)

    def version(self) -> str:
        """Of the release that answers."""
        address = "http://127.0.0.1:8022/health/live"
        program = f"import json, urllib.request as u; print(json.load(u.urlopen('{address}'))['version'])"
        return self.sh(f'python3 -c "{program}"').stdout.strip()

    def shows(self, name: str) -> str:
        return self.sh(f"systemctl show caunoi -p {name} --value").stdout.strip()

    def state(self) -> str:
        return self.sh("systemctl is-active caunoi").stdout.strip()


@pytest.fixture(scope="module")
def debian(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """The package is installed there, and nothing else but systemd and `ps`."""
    for program in ("mmdebstrap", "unshare", "nsenter"):
        if os.geteuid() != 0 or not shutil.which(program):
            pytest.skip(f"needs root and {program}")
    folder = tmp_path_factory.mktemp("debian")
    root, package = folder / "root", next(release.glob("*.deb"))
    words = ["--mode=root", "--variant=minbase", "--include=ca-certificates,systemd,procps"]
    hooks = [
        f"--customize-hook=copy-in {package} /tmp",
        f'--customize-hook=chroot "$1" {INSTALL} /tmp/{package.name} >&2',
    ]
    source = "/etc/apt/sources.list.d/debian.sources"
    done = subprocess.run(["mmdebstrap", *words, *hooks, "trixie", root, source], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "systemctl start caunoi" in done.stderr, "it says what comes next"
    namespaces = ["--kill-child", "--mount", "--pid", "--fork", "--net", "--uts", "--ipc", "--cgroup"]
    boot = subprocess.Popen(["unshare", *namespaces, "sh", "-c", BOOT.format(root=root)], stdout=subprocess.DEVNULL)
    try:
        children = Path(f"/proc/{boot.pid}/task/{boot.pid}/children")
        pid = int(wait_until(lambda: children.read_text().split(), 20)[0])
        machine = Machine(pid, root)
        # the product begins with it, and makes its database
        wait_until(lambda: machine.sh("systemctl is-system-running").stdout.strip() in {"running", "degraded"}, 300)
        yield machine
    finally:
        boot.kill()
        boot.wait()
        shutil.rmtree(root, ignore_errors=True)


def test_it_is_ready_when_systemd_says_so(debian: Machine) -> None:
    done = debian.sh("systemctl start caunoi")
    assert done.returncode == 0, done.stderr + debian.sh("journalctl -u caunoi --no-pager | tail -30").stdout
    assert (debian.state(), debian.ask("/health/ready")) == ("active", 200)
    assert debian.sh("dpkg -V caunoi").stdout.replace("??5?????? c /etc/caunoi/caunoi.env", "").strip() == ""


def test_root_sets_the_province_up_and_everything_stays_the_services_own(debian: Machine) -> None:
    done = debian.sh("cat >/tmp/first.toml; chmod 644 /tmp/first.toml; caunoi init --answers /tmp/first.toml", ANSWERS)
    assert done.returncode == 0, done.stderr
    assert "/invite/" in done.stdout
    assert debian.ask("/report") == 200
    assert debian.sh("find /var/lib/caunoi ! -user caunoi").stdout == ""
    assert debian.sh("stat -c '%a %U %G' /etc/caunoi/caunoi.env").stdout.split() == ["640", "root", "caunoi"]


def test_the_shell_has_the_settings_of_the_service(debian: Machine) -> None:
    assert "CAUNOI_PUBLIC_URL" in debian.sh("caunoi doctor --lang en; caunoi doctor").stdout
    line = 'CAUNOI_PUBLIC_URL="https://1022.example.vn/?a=1&b=$HOME"'
    debian.sh(f"echo '{line}' >>/etc/caunoi/caunoi.env")
    said = debian.sh("caunoi doctor").stdout
    assert "Chưa đặt CAUNOI_PUBLIC_URL" not in said, said
    debian.sh("sed -i '/^CAUNOI_PUBLIC_URL/d' /etc/caunoi/caunoi.env")


def test_a_bucket_and_a_hardware_module_need_nothing_more(debian: Machine) -> None:
    """A host without the internet joins others: its files are to lie in a bucket."""
    bucket = "S3_ENDPOINT=https://127.0.0.1:9 S3_BUCKET=tep S3_ACCESS_KEY=khoa S3_SECRET_KEY=bi-mat"
    said = debian.sh(f"env {bucket} caunoi store check; env {bucket} caunoi doctor --lang en")
    assert "not installed" not in said.stdout + said.stderr and "127.0.0.1:9" in said.stdout + said.stderr, said
    assert debian.sh("/usr/lib/caunoi/bin/python3 -P -c 'import pkcs11'").returncode == 0


def test_backups_are_made_where_the_settings_say(debian: Machine) -> None:
    assert debian.sh("stat -c '%a %U' /var/backups/caunoi").stdout.split() == ["700", "caunoi"]
    wait_until(
        lambda: debian.sh("find /var/backups/caunoi/moments -name base.json").stdout,
        120,
        every=2,
        why="the service's own",
    )
    done = debian.sh("caunoi backup && caunoi backup --verify $(ls -d /var/backups/caunoi/2* | tail -1)")
    assert done.returncode == 0 and done.stdout.endswith("ok\n"), done.stdout + done.stderr


def test_a_reload_keeps_answering(debian: Machine) -> None:
    before = debian.shows("MainPID")
    assert debian.sh("systemctl reload caunoi").returncode == 0
    for _ in range(20):
        assert debian.ask("/health/live") == 200
    assert (debian.shows("MainPID"), debian.shows("NRestarts")) == (before, "0")


LOAD = """
import collections, time, urllib.request as u
seen = collections.Counter()
while True:
    try:
        with u.urlopen("http://127.0.0.1:8022/health/live", timeout=60) as answer:
            seen[str(answer.status)] += 1
        with u.urlopen("http://127.0.0.1:8022/register", timeout=60) as answer:
            seen[str(answer.status)] += 1
    except OSError as error:
        seen[repr(error)] += 1
    print(dict(seen), flush=True)
    time.sleep(0.05)
"""


def newer(package: Path, folder: Path, version: str) -> Path:
    """The same package as a later version."""
    root = folder / "package"
    subprocess.run(["dpkg-deb", "-R", package, root], check=True)
    for file in (next(root.glob("usr/lib/caunoi/lib/*/site-packages/caunoi/__init__.py")), root / "DEBIAN" / "control"):
        file.write_text(re.sub(r"\b0\.2\.0\b", version, file.read_text("utf-8")), "utf-8")
    made = folder / f"caunoi_{version}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Znone", "-b", root, made], check=True, capture_output=True)
    return made


def test_a_newer_package_comes_in_and_nobody_is_refused(debian: Machine, release: Path, tmp_path: Path) -> None:
    made = newer(next(release.glob("*.deb")), tmp_path, "0.2.1")
    shutil.move(made, debian.root / "root" / "newer.deb")
    before = debian.shows("MainPID")
    run = "systemd-run -q --unit=load -p StandardOutput=file:/root/load python3 /root/load.py"
    debian.sh(f"cat >/root/load.py; {run}", LOAD)
    done = debian.sh("dpkg -i /root/newer.deb")
    assert done.returncode == 0, done.stdout + done.stderr
    debian.sh("systemctl stop load")
    assert debian.version() == "0.2.1"
    assert (debian.shows("MainPID"), debian.shows("NRestarts")) == (before, "0")
    answers = debian.sh("tail -n 1 /root/load").stdout
    print(answers)
    assert re.fullmatch(r"\{'200': \d{2,}\}\n", answers), answers
    assert debian.sh("ls -d /usr/lib/caunoi*").stdout.split() == ["/usr/lib/caunoi"]
    assert debian.sh("ls -d /var/backups/caunoi/before-0.2.1-*").returncode == 0


def test_a_service_that_was_stopped_stays_so(debian: Machine) -> None:
    debian.sh("systemctl stop caunoi")
    assert debian.sh("dpkg -i /root/newer.deb").returncode == 0
    assert debian.state() == "inactive"
    assert debian.sh("systemctl start caunoi").returncode == 0


def test_a_product_that_hangs_is_started_again(debian: Machine) -> None:
    wait_until(lambda: debian.state() == "active", 60)
    debian.sh("kill -STOP $(systemctl show caunoi -p MainPID --value)")
    wait_until(lambda: debian.shows("NRestarts") != "0", 150, every=2, why="the watchdog ends it")
    wait_until(lambda: debian.state() == "active" and debian.ask("/health/ready") == 200, 60, every=1)


def test_it_stops_in_order_and_its_data_outlives_the_package(debian: Machine) -> None:
    assert debian.sh("systemctl stop caunoi").returncode == 0
    assert debian.shows("Result") == "success"
    assert debian.sh("pgrep -u caunoi").stdout == ""
    assert debian.sh("apt-get purge -y -q caunoi").returncode == 0
    assert (
        debian.sh("ls /var/lib/caunoi/postgres /var/backups/caunoi; ls /usr/lib/caunoi /etc/caunoi").stdout.count("\n")
        > 5
    )
    assert debian.sh("test -e /usr/lib/caunoi -o -e /etc/caunoi/caunoi.env").returncode == 1
