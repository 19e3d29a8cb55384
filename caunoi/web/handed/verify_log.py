#!/usr/bin/env python3
"""Checks a proof of the public log by itself: no part of the product is needed, only Python 3.8 or later.

    python3 verify_log.py PROOF.json [OLDER-PROOF-OR-HEAD.json …] [--log https://1022.example] [--key KEY.pem]

1. the statement (what was said, when) is in the log that the signed head names (RFC 9162, 2.1.3.2);
2. the words that you see on the page are those that were stated (SHA-256 over salt and words);
3. with --log: every older head you kept is the beginning of today's log, so nothing was rewritten (2.1.4.2);
4. the signature of the heads, where the package `cryptography` or the program `openssl` is at hand;
5. where the log's key was changed: each new key was announced in the log, signed by the one before it and by itself,
   and signed nothing before that; the key you know (--key, or that of what you kept) leads to the one that signed.

Ends with 0 when all of that is true, 1 when something is not, 2 when the files cannot be read.
"""

import argparse
import base64
import json
import subprocess
import sys
import tempfile
import urllib.request
from hashlib import sha256
from pathlib import Path


def node(left, right):
    return sha256(b"\x01" + left + right).digest()


def included(leaf, index, size, path, root):
    if not 0 <= index < size:
        return False
    at, last, digest = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            digest = node(step, digest)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            digest = node(digest, step)
        at, last = at >> 1, last >> 1
    return last == 0 and digest == root


def consistent(before, first, size, second, path):
    if not 0 < before <= size:
        return False
    if before == size:
        return not path and first == second
    steps = ([first] if before & (before - 1) == 0 else []) + list(path)
    if not steps:
        return False
    at, last = before - 1, size - 1
    while at % 2:
        at, last = at >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at % 2 or at == last:
            old, new = node(step, old), node(step, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first and new == second


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def signed_by(head, pem):
    """True or False; None when there is nothing here to check it with."""
    message = "caunoi log\n{size}\n{root}\n{at}\n".format(**head).encode()
    return verified(message, head["signature"], pem_of(raw_key(pem)))  # no other key that the text may hold


def verified(message, signature, pem):
    signature = bytes.fromhex(signature)
    try:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.serialization import load_pem_public_key
    except ImportError:
        return _openssl(message, signature, pem)
    try:
        load_pem_public_key(pem.encode()).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _openssl(message, signature, pem):
    with tempfile.TemporaryDirectory() as folder:
        names = {name: Path(folder) / name for name in ("message", "signature", "key")}
        names["message"].write_bytes(message)
        names["signature"].write_bytes(signature)
        names["key"].write_text(pem)
        command = ["openssl", "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", str(names["key"])]
        command += ["-sigfile", str(names["signature"]), "-in", str(names["message"])]
        try:
            return subprocess.run(command, capture_output=True, check=False).returncode == 0
        except OSError:
            return None


def raw_key(pem):
    return base64.b64decode("".join(line for line in pem.splitlines() if not line.startswith("-")))[-32:]


def key_id(pem):
    return sha256(raw_key(pem)).hexdigest()


def pem_of(raw):
    body = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + raw).decode()
    return f"-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"


def both(*outcomes):
    """False when one is false, None when one could not be checked."""
    return False if any(one is False for one in outcomes) else None if None in outcomes else True


def check_change(change, head):
    """Whether a change of the key is announced in the log of this head, and signed by both keys."""
    path, root = [bytes.fromhex(step) for step in change["path"]], bytes.fromhex(head["root"])
    leaf = sha256(b"\x00" + change["leaf"].encode()).digest()
    says = json.loads(change["leaf"])
    message = "caunoi log key\n{before}\n{key}\n{at}\n".format(**says).encode()
    old, new = pem_of(bytes.fromhex(says["before"])), pem_of(bytes.fromhex(says["key"]))
    return both(
        says["kind"] == "key" and included(leaf, change["number"], head["size"], path, root),
        verified(message, says["signature"], old),
        verified(message, says["consent"], new),
    )


def terms(proof):
    """Which key signs heads of which sizes: id → (smallest, largest or None), as the proof's announcements say. They
    follow each other without a gap, and the last one signed the proof's head; else none at all."""
    result, current, first = {}, None, 1
    for change in proof.get("keys", []):
        says, number = json.loads(change["leaf"]), change["number"]
        before, key = (sha256(bytes.fromhex(says[name])).hexdigest() for name in ("before", "key"))
        if before != (current or before) or number + 2 <= first or key in result or key == before:
            return {}
        result[before], current, first = (first, number + 1), key, number + 2
    result[current or proof["head"]["key"]] = (first, None)
    return result


def in_term(head, chain):
    first, last = chain.get(head["key"], (None, None))
    return first is not None and first <= head["size"] and (last is None or head["size"] <= last)


def check_proof(proof):
    """Yields (what, true/false/None)."""
    head, root = proof["head"], bytes.fromhex(proof["head"]["root"])
    leaf = sha256(b"\x00" + proof["leaf"].encode()).digest()
    path = [bytes.fromhex(step) for step in proof["path"]]
    yield "the statement is in the log", included(leaf, proof["number"], head["size"], path, root)
    stated = json.loads(proof["leaf"])
    if proof.get("said") is not None:
        digest = sha256(bytes.fromhex(proof["salt"]) + canonical(proof["said"]).encode()).hexdigest()
        yield "the words are those that were stated", digest == stated["digest"]
    right = key_id(proof["key"]) == head["key"] and in_term(head, terms(proof))
    yield "the head is signed", right and signed_by(head, proof["key"])
    for change in proof.get("keys", []):
        name = sha256(bytes.fromhex(json.loads(change["leaf"])["key"])).hexdigest()[:16]
        yield f"the key {name} was announced by the one before it", check_change(change, head)


def check_growth(old, new, log):
    address = "{}/log/consistency.json?from={}&to={}".format(log.rstrip("/"), old["size"], new["size"])
    with urllib.request.urlopen(address, timeout=30) as answer:  # noqa: S310  the address is the caller's own
        path = [bytes.fromhex(step) for step in json.load(answer)["path"]]
    first, second = bytes.fromhex(old["root"]), bytes.fromhex(new["root"])
    return consistent(old["size"], first, new["size"], second, path)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("proof")
    parser.add_argument("older", nargs="*")
    parser.add_argument("--log", help="the address of the portal, to compare with what you kept")
    parser.add_argument("--key", help="a public key of the log that you know (PEM)")
    args = parser.parse_args(arguments)
    try:
        proof = json.loads(Path(args.proof).read_text("utf-8"))
        if "head" not in proof:
            why = proof.get("error", "it holds no signed head")
            print(f"this is no proof yet: {why}", file=sys.stderr)
            return 2
        results, chain = list(check_proof(proof)), terms(proof)
        if args.key:
            anchor = key_id(Path(args.key).read_text("ascii"))
            since = list(chain)[list(chain).index(anchor) :] if anchor in chain else []
            results.append(("the key you know leads to the one that signed", proof["head"]["key"] in since))
        for name in args.older:
            data = json.loads(Path(name).read_text("utf-8"))
            old, new = sorted([data.get("head", data), proof["head"]], key=lambda head: head["size"])
            words = "the log of {size} statements ({at}) was not rewritten".format(**old)
            results.append((words, check_growth(old, new, args.log) if args.log else None))
            if "key" in old and new is proof["head"] and old["key"] != new["key"]:
                words = "the key of the log of {size} statements leads to the one that signed".format(**old)
                results.append((words, in_term(old, chain)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        print(f"cannot be read: {error!r}", file=sys.stderr)
        return 2
    for what, outcome in results:
        print({True: "ok      ", False: "NOT TRUE", None: "not checked"}[outcome], what)
    return 1 if any(outcome is False for _, outcome in results) else 0


if __name__ == "__main__":
    sys.exit(main())
