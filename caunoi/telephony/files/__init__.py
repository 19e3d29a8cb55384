"""An Asterisk's configuration (20–22), written from a plan. Pure: the texts by their file names.

Every file begins with a stamp: the release, and the digest of what follows it, so that a file that somebody changed by
hand is known from one of ours. `FILES` in extensions.conf is the digest of all of them: the running exchange says by it
what it has loaded.
"""

import re
from collections.abc import Mapping
from difflib import unified_diff
from hashlib import sha256

from caunoi.telephony.files import dialplan, queues, system, telephones
from caunoi.telephony.plan import Plan

LATER = "files-digest"
"""Stands in extensions.conf for the digest of all until that is known."""
STAMP = re.compile(r"[;#] Written by `caunoi pbx write` \(release (\S+), version ([0-9a-f]{12})\)\.")
SECRET = re.compile(r"(?mi)^(\s*(?:secret|\S*password)\s*=[^\S\n]*)\S.*$")
LOGROTATE = "logrotate-asterisk"


def write(plan: Plan, release: str) -> dict[str, str]:
    """The files of a plan, by name."""
    bodies = {
        "extensions.conf": dialplan.extensions(plan, LATER),
        "queues.conf": queues.queues(plan),
        "pjsip.conf": telephones.pjsip(plan),
        "pjsip_wizard.conf": telephones.wizard(plan),
        "sorcery.conf": system.SORCERY,
        "manager.conf": system.manager(plan),
        "http.conf": system.HTTP,
        "rtp.conf": system.RTP,
        "musiconhold.conf": system.MUSIC,
        "modules.conf": system.MODULES,
        "confbridge.conf": system.CONFERENCES,
        "logger.conf": system.LOGGER,
        "cdr.conf": system.CDR,
        "cel.conf": system.CEL,
        "cel_custom.conf": system.cel_columns(),
        LOGROTATE: system.logrotate(plan),
    }
    all_of_them = digest("".join(f"{name}\n{body}" for name, body in sorted(bodies.items())))
    bodies["extensions.conf"] = bodies["extensions.conf"].replace(LATER, all_of_them)
    return {name: _stamp(name, body, release) for name, body in bodies.items()}


def loaded(files: Mapping[str, str]) -> str:
    """What an exchange that runs by these files says it has loaded."""
    match = re.search(r"^FILES = ([0-9a-f]{12})$", files.get("extensions.conf", ""), re.M)
    return match[1] if match else ""


def digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:12]


def _stamp(name: str, body: str, release: str) -> str:
    head = f"Written by `caunoi pbx write` (release {release}, version {digest(body)}).\n"
    if name == LOGROTATE:
        return f"# {head}{body}"
    return f"; {head}; What you add goes into own/{name}, which this file reads at its end.\n{body}"


def is_ours(text: str) -> bool:
    """Whether a file is as we wrote it: nobody has changed it by hand since."""
    head, _, rest = text.partition("\n")
    match = STAMP.fullmatch(head)
    body = rest.partition("\n")[2] if rest.startswith("; What you add goes into own/") else rest
    return match is not None and digest(body) == match[2]


def diff(old: Mapping[str, str], new: Mapping[str, str]) -> str:
    """What would change, file by file, as a unified diff; secrets are not shown."""
    parts = []
    for name in new:
        before, after = old.get(name, ""), new[name]
        if before != after:
            there, fresh = (SECRET.sub(r"\1(not shown)", text).splitlines() for text in (before, after))
            lines = unified_diff(there, fresh, fromfile=f"{name} (there)", tofile=f"{name} (new)", lineterm="")
            parts.append("\n".join(lines) or f"--- {name}\n+++ {name}\nonly passwords differ, which are not shown")
    return "\n".join(parts)
