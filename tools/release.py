"""Builds a release into dist/: the wheel, a wheelhouse for machines like this one, the list of all parts, a Debian
package.

    make release

The checkout's assets and translations are built already (`make setup`). Ends with 1, and says why, when something
cannot be built or what would be installed is larger than it may be."""

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from caunoi import __version__  # noqa: E402
from deploy.install import EXTRAS, machine  # noqa: E402
from deploy.wheel import DATA  # noqa: E402

DIST = ROOT / "dist"
LARGEST = 450_000_000  # bytes installed, without the vectors of the search
DEBIAN = ROOT / "deploy" / "debian"
# file of deploy/debian → where the package puts it
PLACES = {
    "caunoi": "usr/bin/caunoi",
    "caunoi.env": "etc/caunoi/caunoi.env",
    "caunoi.service": "usr/lib/systemd/system/caunoi.service",
    "sysusers.conf": "usr/lib/sysusers.d/caunoi.conf",
    "tmpfiles.conf": "usr/lib/tmpfiles.d/caunoi.conf",
}
SCRIPTS = ("preinst", "postinst", "prerm", "postrm")


def main() -> int:
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    made = wheel()
    wheelhouse(made)
    with tempfile.TemporaryDirectory() as scratch:
        tree = Path(scratch, "root", "usr", "lib", "caunoi")
        install(tree)
        bill(tree)
        package = debian(tree, Path(scratch, "root")) if shutil.which("dpkg-deb") else None
        for file in (made, DIST / "wheelhouse", DIST / f"caunoi-{__version__}.cdx.json", package):
            if file:
                print(f"{size(file) / 1e6:7.1f} MB  {file.relative_to(ROOT)}")
        if not package:
            print("no Debian package: dpkg-deb is not here")
        installed = size(tree)
        print(f"{installed / 1e6:7.1f} MB  installed (at most {LARGEST / 1e6:.0f})")
    if installed > LARGEST:
        print("too large: see `du` of an installation's site-packages for what grew", file=sys.stderr)
        return 1
    return 0


def wheel() -> Path:
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(DIST), cwd=ROOT)
    return next(DIST.glob("*.whl"))


def wheelhouse(made: Path) -> None:
    """The wheel and all that it needs, for this machine's Python, and a file that says which that is."""
    house = DIST / "wheelhouse"
    house.mkdir()
    pins = {name: pin for lock in ("base", *EXTRAS) for name, pin in of_lock(lock)}
    needed = "".join(pin for name, pin in pins.items() if name != DATA)  # its data is in the wheel
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
        file.write(needed)
        file.flush()
        words = ["download", "-q", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", file.name]
        run(pip(), "-m", "pip", *words, "-d", str(house))
    shutil.copy2(made, house)
    shutil.copy2(ROOT / "deploy" / "install.py", house)
    (house / "MACHINE").write_text("\n".join(machine()) + "\n")
    for path in (house, *house.iterdir()):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def of_lock(name: str) -> Iterator[tuple[str, str]]:
    """The pins of a lock: each package with its lines."""
    lock = (ROOT / "requirements" / f"{name}.lock").read_text("utf-8")
    for found in re.finditer(r"^([\w.-]+)==(?:.*\\\n)+.*\n", lock, re.M):
        yield found[1], found[0]


def pip() -> str:
    """A Python of this machine's kind that has pip."""
    base = Path(sys._base_executable)  # type: ignore[attr-defined]
    for python in (ROOT / ".tools" / "bin" / "python", base):
        if python.exists() and subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return str(python)
    sys.exit("no pip here: on Debian, apt-get install python3-pip or python3-venv, then `make clean setup`")


def install(tree: Path) -> None:
    """A virtual environment without pip, of the system's Python, with the release in it, from the wheelhouse alone."""
    uv = ROOT / (ROOT / ".tools" / "uv").read_text().strip()
    version = sysconfig.get_python_version()
    packages = tree / "lib" / f"python{version}" / "site-packages"
    packages.mkdir(parents=True)
    (tree / "bin").mkdir()
    python = tree / "bin" / "python3"
    python.symlink_to(f"/usr/bin/python{version}")
    (tree / "pyvenv.cfg").write_text("home = /usr/bin\ninclude-system-site-packages = false\n")
    # without the cache: it may hold another wheel of the same version
    words = [
        "--no-cache",
        "--no-index",
        "--find-links",
        str(DIST / "wheelhouse"),
        "--link-mode=copy",
        "--target",
        str(packages),
    ]
    release = f"caunoi[{','.join(EXTRAS)}]=={__version__}"
    run(str(uv), "pip", "install", "-q", "--python", sys.executable, *words, release)
    for service in (packages / "botocore" / "data").iterdir():  # of four hundred one is used, and who signs for it
        if service.is_dir() and service.name not in {"s3", "sts"}:
            shutil.rmtree(service)
    shutil.rmtree(packages / "bin", ignore_errors=True)
    compiled = ["-m", "compileall", "-q", "-j", "0", "-s", str(tree.parents[2]), "-p", "/", str(packages)]
    run(sys.executable, *compiled)


def bill(tree: Path) -> None:
    """CycloneDX: what is installed, and what the pages were built from."""
    out = DIST / f"caunoi-{__version__}.cdx.json"
    words = ["environment", "--output-reproducible", "--of", "JSON", "--pyproject", str(ROOT / "pyproject.toml")]
    said = run(sys.executable, "-m", "cyclonedx_py", *words, str(tree / "bin" / "python3"), env={"PYTHONPATH": ""})
    document = json.loads(said)
    document["metadata"]["component"]["version"] = __version__
    document["components"] += list(of_pages())
    document["components"].append(
        {
            "type": "data",
            "bom-ref": DATA,
            "name": DATA,
            "version": pinned(DATA),
            "purl": f"pkg:pypi/{DATA}@{pinned(DATA)}",
        }
    )
    document.pop("serialNumber", None)
    out.write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n", "utf-8")


def of_pages() -> Iterator[dict[str, Any]]:
    """The npm packages in package-lock.json that are not of the build alone."""
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    for place, one in lock["packages"].items():
        if place and not (one.get("dev") or one.get("optional")):
            name = place.rpartition("node_modules/")[2]
            purl = f"pkg:npm/{name.replace('@', '%40')}@{one['version']}"
            part: dict[str, Any] = {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": one["version"],
                "purl": purl,
            }
            licence = one.get("license")
            yield {**part, "licenses": [{"license": {"name": licence}}]} if licence else part


def pinned(name: str) -> str:
    lock = (ROOT / "requirements" / "base.lock").read_text("utf-8")
    return re.search(rf"^{name}==(\S+)", lock, re.M)[1]  # type: ignore[index]


def debian(tree: Path, root: Path) -> Path:
    """The package: the tree as it is, so that nothing has to work while it is installed."""
    for name, place in PLACES.items():
        target = root / place
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(DEBIAN / name, target)
        target.chmod(0o755 if name == "caunoi" else 0o640 if name == "caunoi.env" else 0o644)
    papers = root / "usr" / "share" / "doc" / "caunoi"
    (papers / "examples").mkdir(parents=True)
    shutil.copyfile(ROOT / "LICENSE", papers / "copyright")
    for page in ("CHANGELOG.md", "docs/operating.md", "docs/cluster.md"):
        shutil.copyfile(ROOT / page, papers / Path(page).name)
    for example in ("nginx.conf", "Caddyfile", "haproxy.cfg"):
        shutil.copyfile(ROOT / "deploy" / example, papers / "examples" / example)
    for folder in ("monitoring", "cluster"):
        shutil.copytree(ROOT / "deploy" / folder, papers / "examples" / folder)
    shutil.copyfile(DIST / f"caunoi-{__version__}.cdx.json", papers / "caunoi.cdx.json")
    architecture = run("dpkg", "--print-architecture").strip()
    control = root / "DEBIAN"
    control.mkdir()
    major, minor = sys.version_info[:2]
    words = {
        "version": __version__,
        "architecture": architecture,
        "size": size(root) // 1024,
        "python": f"{major}.{minor}",
        "next": f"{major}.{minor + 1}",
    }
    (control / "control").write_text((DEBIAN / "control").read_text("utf-8").format(**words), "utf-8")
    (control / "conffiles").write_text("/etc/caunoi/caunoi.env\n")
    for name in SCRIPTS:
        shutil.copyfile(DEBIAN / name, control / name)
        (control / name).chmod(0o755)
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = Path(folder, name)
            if not path.is_symlink() and path.name != "caunoi.env":
                path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o644))
    root.chmod(0o755)
    sums = run("sh", "-c", "find etc usr -type f ! -path 'etc/*' -print0 | sort -z | xargs -0 md5sum", cwd=root)
    (control / "md5sums").write_text(sums, "utf-8")
    out = DIST / f"caunoi_{__version__}_{architecture}.deb"
    run("dpkg-deb", "--root-owner-group", "-Zzstd", "-z12", "--build", str(root), str(out))
    return out


def size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    if path.is_file():
        return path.stat().st_size
    return sum(file.lstat().st_size for file in path.rglob("*") if file.is_file() and not file.is_symlink())


def run(*words: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> str:
    """What a command prints; ends everything with what it complained of when it fails."""
    environ = {**os.environ, "SOURCE_DATE_EPOCH": os.environ.get("SOURCE_DATE_EPOCH") or committed(), **(env or {})}
    done = subprocess.run(words, cwd=cwd, env=environ, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


def committed() -> str:
    """Seconds since 1970 of the last commit: whoever builds it again has the same times in it."""
    said = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True)
    return said.stdout.strip() or "1735689600"


if __name__ == "__main__":
    sys.exit(main())
