"""Proves: the master key can lie in a hardware module: it wraps and unwraps there, never leaves it, and is changed from
file to module and from key to key (SoftHSM)"""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from caunoi.checks import proof
from caunoi.cli import keys as command
from caunoi.cli.main import Parser
from caunoi.host import home, hsm
from caunoi.lib.crypto.envelope import SealError
from caunoi.vault import actions, masters, queries, rotation
from caunoi.vault.models import DataKey

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
LACKING = [
    name
    for name, there in (
        ("softhsm2", MODULE.exists() and shutil.which("softhsm2-util")),
        ("python-pkcs11", importlib.util.find_spec("pkcs11")),
    )
    if not there
]
KEY = bytes(range(32))
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A token as a province's module would hold one; the environment that names it."""
    if LACKING:
        why = f"{' and '.join(LACKING)} missing: the master key in a module is not tried"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)
    folder = tmp_path_factory.mktemp("hsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\n")
    (folder / "pin").write_text("1022-1022\n")
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    words = ["softhsm2-util", "--init-token", "--free", "--label", "caunoi", "--so-pin", "0000", "--pin", "1022-1022"]
    subprocess.run(words, check=True, capture_output=True)
    yield {hsm.NAME: f"{MODULE};token=caunoi;label=first", hsm.PIN: str(folder / "pin")}
    os.environ.pop("SOFTHSM2_CONF")
    if before:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home of its own with the master key of the database in it, as a file."""
    line = home.master_line(home.master_keys()[0])
    monkeypatch.setenv("CAUNOI_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CAUNOI_MASTER_KEY_FILE", raising=False)
    path = home.prepare(tmp_path / "home") / home.MASTER
    path.write_text(line + "\n")
    queries.forget()
    yield path
    queries.forget()


@pytest.fixture
def name(token: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[masters.Master]]:
    """Name these labels in the environment."""

    def change(labels: str, *, make: bool = False) -> list[masters.Master]:
        monkeypatch.setenv(hsm.NAME, token[hsm.NAME].replace("label=first", f"label={labels}"))
        monkeypatch.setenv(hsm.PIN, token[hsm.PIN])
        return masters.masters(make=make)

    return change


def run(*words: str) -> int:
    parser = Parser(prog="caunoi keys")
    command.arguments(parser)
    return command.run(parser.parse_args(words))


@pytest.mark.parametrize("gcm", [True, False], ids=["CKM_AES_GCM", "CKM_AES_KEY_WRAP_PAD"])
def test_it_wraps_and_unwraps_and_stays_where_it_is(
    file: Path, name: Callable[..., list[masters.Master]], monkeypatch: pytest.MonkeyPatch, gcm: bool
):
    one = name("wraps", make=True)[0]
    other = name("another", make=True)[0]
    monkeypatch.setattr(hsm._Slot, "_is_gcm", lambda slot: gcm)
    wrapped = one.wrap(KEY, 7, "links")
    assert KEY not in wrapped and one.wrap(KEY, 8, "links") != wrapped
    assert one.unwrap(wrapped, "links") == KEY and one.id != other.id and len(one.id) == 12
    changed = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    renumbered = wrapped[:4] + b"\x09" + wrapped[5:]
    for master, bad, purpose in (
        (other, wrapped, "links"),
        (one, wrapped, "secrets"),
        (one, changed, "links"),
        (one, renumbered, "links"),
        (one, wrapped[:20], "links"),
        (masters.FileKey(KEY), wrapped, "links"),
    ):
        with pytest.raises(SealError):
            master.unwrap(bad, purpose)
    assert one.unwrap(wrapped, "links") == KEY, "and it goes on after refusals"
    api = hsm._pkcs11()
    place = hsm.place()
    assert place
    key = hsm._slot(place.module, place.token, place.pin_file).use(lambda session: hsm._find(session, "another"))
    with pytest.raises(api.PKCS11Error):
        _ = key[api.Attribute.VALUE]
    assert key[api.Attribute.SENSITIVE] and not key[api.Attribute.EXTRACTABLE]


def test_from_file_to_module_and_from_key_to_key(
    file: Path, name: Callable[..., list[masters.Master]], capsys: pytest.CaptureFixture[str]
):
    before = {row.pk: queries.unwrapped(row) for row in DataKey.objects.all()}
    old = file.read_text()

    def opens() -> bool:
        queries.forget()
        return {row.pk: queries.unwrapped(row) for row in DataKey.objects.all()} == before

    with pytest.raises(hsm.HsmError, match="no AES key one"):
        name("one")
    name("one", make=True)
    assert opens() and len(masters.masters()) == 2, "until it is changed the file's opens"
    assert run("rotate", "master") == 0
    assert not file.exists() and opens()
    first = masters.masters()[0].id
    [apart] = rotation.former_masters()
    assert apart.read_text() == old and str(apart) in capsys.readouterr().err
    assert set(DataKey.objects.values_list("master", flat=True)) == {first}
    assert run("rotate", "master") == 1 and "label=new,old" in capsys.readouterr().err
    with pytest.raises(hsm.HsmError, match="no AES key two"):
        name("two,one")
    name("two,one", make=True)
    assert run("rotate", "master") == 0 and opens()
    name("two")
    assert opens() and run() == 0
    second = masters.masters()[0].id
    assert second != first and set(DataKey.objects.values_list("master", flat=True)) == {second}
    assert actions.rotate("links") and queries.sealing("links"), "new data keys are wrapped in the module"
    name("one")
    queries.forget()
    with pytest.raises(queries.MasterKeyError, match=second):
        queries.unwrapped(DataKey.objects.all()[0])


def test_the_module_is_opened_once_by_each_process(
    file: Path, name: Callable[..., list[masters.Master]], monkeypatch: pytest.MonkeyPatch
):
    name("once", make=True)
    hsm._slot.cache_clear()
    opened: list[int] = []
    pin = hsm._pin
    monkeypatch.setattr(hsm, "_pin", lambda where: opened.append(1) or pin(where))
    api = hsm._pkcs11()
    api.lib(str(MODULE)).finalize()  # as in another process, which has not begun
    for _number in range(5):
        assert masters.masters()[0].unwrap(masters.masters()[0].wrap(KEY, 1, "links"), "links") == KEY
    assert opened == [1]
    child = os.fork()
    if child == 0:  # a module knows nothing of forks
        try:
            fine = masters.masters()[0].unwrap(masters.masters()[0].wrap(KEY, 1, "links"), "links") == KEY
        except BaseException:
            fine = False
        os._exit(0 if fine else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({hsm.NAME: "libsofthsm2.so;token=caunoi;label=first"}, "is written like"),
        ({hsm.NAME: f"{MODULE};label=first"}, "is written like"),
        ({hsm.NAME: f"{MODULE};token=caunoi;label="}, "is written like"),
        ({hsm.NAME: f"{MODULE};token=caunoi;label=first;pin=1022"}, "is written like"),
        ({hsm.NAME: "/nowhere/module.so;token=caunoi;label=first"}, "cannot be loaded"),
        ({hsm.NAME: f"{MODULE};token=another;label=first"}, "has no token another"),
        ({hsm.NAME: f"{MODULE};token=caunoi;label=nobody"}, "has no AES key nobody"),
        ({hsm.PIN: ""}, "the PIN is missing"),
        ({hsm.PIN: "/nowhere/pin"}, "the PIN cannot be read"),
        ({hsm.PIN: "/dev/null"}, "holds no PIN"),
        ({hsm.PIN: "/etc/hostname"}, "is the PIN right"),
    ],
)
def test_what_is_missing_is_said_in_clear_words(
    token: dict[str, str], file: Path, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], why: str
):
    for key, value in (token | change).items():
        monkeypatch.setenv(key, value)
    with pytest.raises(hsm.HsmError, match=why):
        masters.masters()
    [found] = proof.vault()
    assert found.state == "broken" and why in found.what.in_("en")


def test_without_the_package_it_says_which(file: Path, monkeypatch: pytest.MonkeyPatch):
    hsm._pkcs11.cache_clear()
    monkeypatch.setattr(hsm.importlib, "import_module", lambda name: (_ for _ in ()).throw(ImportError(name)))
    where = hsm.Place(module="/x.so", token="t", labels=("l",), pin_file="")
    with pytest.raises(hsm.HsmError, match="python-pkcs11 is missing"):
        hsm.keys(where)
    hsm._pkcs11.cache_clear()
