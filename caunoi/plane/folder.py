"""The control plane's folder: its key, the draft of the catalogue, and under `public/` what is shown to all, by any web
server that shows files.

    plane_key.pem                        signs; for its owner only, and never under public/
    draft.json                           what the next catalogue says
    next.json                            the catalogue that is being shown, until it is
    public/catalogue.json[.sig]
    public/SUBJECT/NUMBER/edition.json[.sig], and the edition's files
"""

import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from caunoi.directory import outlines
from caunoi.lib import cells
from caunoi.lib.cells import Catalogue, CatalogueError, Cell, Edition
from caunoi.lib.crypto import succession
from caunoi.lib.places import gazetteer
from caunoi.lib.worktime.daysoff import read_days
from caunoi.procedures import sources

KEY, DRAFT, NEXT, PUBLIC = "plane_key.pem", "draft.json", "next.json", "public"


class PlaneError(Exception):
    """It cannot be done; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What the next catalogue says."""

    cells: Mapping[str, Cell] = field(default_factory=dict)
    editions: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Folder:
    path: Path

    @property
    def public(self) -> Path:
        return self.path / PUBLIC

    def create(self) -> None:
        """A new control plane. PlaneError where there is one."""
        if (self.path / KEY).exists():
            raise PlaneError(f"{self.path} is a control plane already")
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.public.mkdir(exist_ok=True)
        self._save(Draft())
        _write(self.path / KEY, succession.new_key().encode())

    @property
    def private_key(self) -> Ed25519PrivateKey:
        """PlaneError where the folder is no control plane, or its key no key."""
        try:
            return succession.read_keys((self.path / KEY).read_text("utf-8"))[0][0]
        except FileNotFoundError:
            raise PlaneError(f"{self.path} is no control plane; `caunoi cells init {self.path}` makes one") from None
        except (OSError, ValueError) as error:
            raise PlaneError(f"{self.path / KEY}: {error}") from None

    @property
    def key(self) -> bytes:
        return succession.raw(self.private_key.public_key())

    # --- The catalogue -----------------------------------------------------------------------------------------------
    def draft(self) -> Draft:
        """PlaneError."""
        key = self.private_key
        try:
            document = (self.path / DRAFT).read_bytes()
            catalogue = cells.read_catalogue(document, cells.sign(document, key), succession.raw(key.public_key()))
        except (OSError, CatalogueError) as error:
            raise PlaneError(f"{self.path / DRAFT}: {error}") from None
        return Draft(cells=catalogue.cells, editions=catalogue.editions)

    def put(self, cell: Cell) -> None:
        """Into the draft, in place of one of its code."""
        draft = self.draft()
        self._save(replace(draft, cells={**draft.cells, cell.code: cell}))

    def remove(self, code: str) -> Cell:
        """Out of the draft. PlaneError where it is not there."""
        draft = self.draft()
        if code not in draft.cells:
            raise PlaneError(f"there is no cell {code}")
        self._save(replace(draft, cells={key: one for key, one in draft.cells.items() if key != code}))
        return draft.cells[code]

    def published(self) -> Catalogue | None:
        """The catalogue that is shown; None before the first. PlaneError where it is not what this key signed."""
        path = self.public / cells.CATALOGUE
        try:
            self._finish()
            return cells.read_catalogue(path.read_bytes(), _signature(path).read_text("ascii"), self.key)
        except FileNotFoundError:
            return None
        except (OSError, CatalogueError, ValueError) as error:
            raise PlaneError(f"{path}: {error}") from None

    def is_published(self) -> bool:
        """Whether what is shown says what the draft does."""
        draft, public = self.draft(), self.published()
        return public is not None and (public.cells, public.editions) == (draft.cells, draft.editions)

    def sign(self) -> Catalogue:
        """Show the draft as the catalogue of the next number. PlaneError, OSError."""
        draft, before = self.draft(), self.published()
        number, issued = before.number + 1 if before else 1, datetime.now(UTC).replace(microsecond=0)
        document = cells.write_catalogue(number, issued, draft.cells.values(), draft.editions)
        _write(self.path / NEXT, document)
        self._finish()
        return Catalogue(number=number, issued=issued, cells=draft.cells, editions=draft.editions)

    # --- Editions ----------------------------------------------------------------------------------------------------
    def add_edition(
        self,
        subject: str,
        files: Sequence[Path],
        *,
        note: str = "",
        effective_from: date | None = None,
        keep: bool = False,
    ) -> Edition:
        """An edition of the next number, signed, and into the draft. PlaneError for a file that no cell could read;
        OSError."""
        draft = self.draft()
        contents = {path.name: path.read_bytes() for path in files}
        if len(contents) != len(files):
            raise PlaneError("two of the files have the same name")
        for name, content in contents.items():
            try:
                CHECKS[subject](name, content)
            except ValueError as error:
                raise PlaneError(f"{name}: {str(error).removeprefix(f'{name}: ')}") from None
        try:
            edition = Edition(
                subject=subject,
                number=draft.editions.get(subject, 0) + 1,
                issued=datetime.now(UTC).replace(microsecond=0),
                note=cells.clean_name(note) if note.strip() else "",
                effective_from=effective_from,
                keep=keep,
                files=tuple(cells.edition_file(name, content) for name, content in contents.items()),
            )
            document = cells.write_edition(edition)
            signature = cells.sign(document, self.private_key)
            cells.read_edition(document, signature, self.key, subject, edition.number)
        except (ValueError, CatalogueError) as error:
            raise PlaneError(str(error)) from None
        folder = self.public / edition.folder
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            _write(folder / name, content, mode=0o644)
        self._show(folder / cells.EDITION, document)
        self._save(replace(draft, editions={**draft.editions, subject: edition.number}))
        return edition

    def _save(self, draft: Draft) -> None:
        document = cells.write_catalogue(1, datetime.now(UTC), draft.cells.values(), draft.editions)
        _write(self.path / DRAFT, document)

    def _finish(self) -> None:
        """Whoever was killed between the signature and the document left two that do not fit."""
        path = self.path / NEXT
        if path.exists():
            self._show(self.public / cells.CATALOGUE, path.read_bytes())
            path.unlink()

    def _show(self, path: Path, document: bytes) -> None:
        """The signature first: who reads between the two has an old document that does not fit, and reads again."""
        _write(_signature(path), (cells.sign(document, self.private_key) + "\n").encode(), mode=0o644)
        _write(path, document, mode=0o644)


def _signature(path: Path) -> Path:
    return path.with_name(path.name + cells.ENDING)


def _write(path: Path, content: bytes, *, mode: int = 0o600) -> None:
    """Nobody reads half of it."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    with open(handle, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.chmod(name, mode)
    os.replace(name, path)


# --- What an edition may hold ----------------------------------------------------------------------------------------
def _check_areas(name: str, content: bytes) -> None:
    code = name.removesuffix(".geojson")
    unit = gazetteer.unit(code)
    if not name.endswith(".geojson") or unit is None or unit.level != "province":
        raise ValueError("a file of areas is called by the code of its province, such as 70.geojson")
    outlines.parse(content, name, code)


def _check_holidays(name: str, content: bytes) -> None:
    if not read_days(content.decode("utf-8-sig").splitlines()):
        raise ValueError("no day is in it")


def _check_procedures(name: str, content: bytes) -> None:
    sources.read(content)


CHECKS = {"procedures": _check_procedures, "areas": _check_areas, "holidays": _check_holidays}
"""What raises ValueError for a file that a cell could not read."""
