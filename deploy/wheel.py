"""What hatchling asks while it builds the wheel: the dependencies, and what is in it that is not in the repository."""

import json
import re
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

DATA = "vietnamadminunits"  # only its data is read: it travels inside, as what its own code would import must not
READ = ("dataset.db", "converter_2025.json")
BUILT = ("caunoi/web/static/dist/manifest.json", "caunoi/locale/vi/LC_MESSAGES/django.mo")
PIN = re.compile(r"^([\w.-]+)==[^\\\n]+", re.M)


class Dependencies(MetadataHookInterface):
    """Exactly what was tested: each pin of requirements/base.lock with its marker."""

    def update(self, metadata: dict[str, Any]) -> None:
        lock = Path(self.root, "requirements", "base.lock").read_text("utf-8")
        metadata["dependencies"] = [pin[0].strip() for pin in PIN.finditer(lock) if pin[1] != DATA]


class Contents(BuildHookInterface[Any]):
    """The data package's files and licence beside our own data, and the licences of what the pages were built from."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        missing = [name for name in BUILT if not Path(self.root, name).exists()]
        if missing:
            sys.exit(f"not built yet: {', '.join(missing)}; run `make release`, which builds them before the wheel")
        spec = find_spec(DATA)
        if spec is None or spec.origin is None:
            sys.exit(f"{DATA} is not installed here; run `make release`, which builds in the checkout's own Python")
        package = Path(spec.origin).parent
        licence = next(package.parent.glob(f"{DATA}-*.dist-info/**/LICENSE*"))
        inside = {str(package / "data" / name): f"caunoi/lib/places/data/units/{name}" for name in READ}
        inside[str(licence)] = f"caunoi/lib/places/data/units/LICENSE-{DATA}"
        inside[str(self._notices())] = "caunoi/web/static/NOTICES.txt"
        build_data["force_include"] |= inside

    def _notices(self) -> Path:
        """The licences of the npm packages that are not of the build alone, in one file."""
        lock = json.loads(Path(self.root, "package-lock.json").read_text("utf-8"))
        parts = []
        for place, one in sorted(lock["packages"].items()):
            if place and not (one.get("dev") or one.get("optional")):
                texts = sorted(Path(self.root, place).glob("LICEN[CS]E*"))
                words = "\n".join(text.read_text("utf-8", "replace").strip() for text in texts)
                parts.append(
                    f"{place.rpartition('node_modules/')[2]} {one['version']} ({one.get('license', '?')})\n\n{words}\n"
                )
        out = Path(self.root, "node_modules", ".notices")
        out.write_text(f"\n{'-' * 72}\n\n".join(parts), "utf-8")
        return out
