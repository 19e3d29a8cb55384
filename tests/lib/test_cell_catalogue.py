"""The catalogue of cells is read as the control plane signed it, or not at all."""

import base64
import json
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib import cells
from caunoi.lib.cells import CatalogueError, Cell
from caunoi.lib.crypto.succession import raw

PLANE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
KEY = raw(PLANE.public_key())
ISSUED = datetime(2026, 11, 30, tzinfo=UTC)
ONE = Cell(code="70", name="Tổng đài 1022 tỉnh Đồng Nai", address="https://1022.example", key=KEY)
TWO = Cell(code="01", name="Hà Nội", address="http://127.0.0.1:8022", key=KEY)


def changed(**values) -> bytes:
    return json.dumps(json.loads(cells.write_catalogue(7, ISSUED, [ONE, TWO])) | values).encode()


def with_cell(**values) -> bytes:
    row = {"code": "70", "name": "Đồng Nai", "address": "https://1022.example", "key": cells.key_text(KEY)}
    return changed(cells=[row | values])


def test_what_was_written_and_signed_is_read():
    document = cells.write_catalogue(7, ISSUED, [ONE, TWO])
    read = cells.read_catalogue(document, cells.sign(document, PLANE) + "\n", KEY)
    assert (read.number, read.issued, list(read.cells.values())) == (7, ISSUED, [TWO, ONE])


def test_the_format_is_the_one_that_others_read():
    content = json.loads(cells.write_catalogue(7, ISSUED, [ONE]))
    row = {"code": "70", "name": ONE.name, "address": ONE.address, "key": base64.b64encode(KEY).decode()}
    assert content == {"format": 1, "number": 7, "issued": "2026-11-30T00:00:00Z", "cells": [row], "editions": {}}
    del content["editions"]
    document = json.dumps(content).encode()
    assert cells.read_catalogue(document, cells.sign(document, PLANE), KEY).editions == {}


@given(st.data())
def test_one_bit_that_is_another_is_refused(data):
    document = bytearray(cells.write_catalogue(7, ISSUED, [ONE, TWO]))
    signature = cells.sign(bytes(document), PLANE)
    at, bit = data.draw(st.integers(0, len(document) - 1)), data.draw(st.integers(0, 7))
    document[at] ^= 1 << bit
    with pytest.raises(CatalogueError, match="not signed"):
        cells.read_catalogue(bytes(document), signature, KEY)


@pytest.mark.parametrize("signature", ["", "=", "AAAA", "é", cells.sign(b"another", PLANE)])
def test_a_false_signature_is_refused(signature):
    with pytest.raises(CatalogueError, match="not signed"):
        cells.read_catalogue(changed(), signature, KEY)


def test_another_key_is_refused():
    other = Ed25519PrivateKey.generate()
    with pytest.raises(CatalogueError, match="not signed"):
        cells.read_catalogue(changed(), cells.sign(changed(), other), KEY)


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"[]",
        b"[" * 100_000,
        b"\xff",
        changed(format=2),
        changed(number=0),
        changed(number="7"),
        changed(number=True),
        changed(issued="yesterday"),
        changed(issued=None),
        changed(cells=None),
        changed(editions={"holidays": 0}),
        changed(editions=[1]),
        changed(cells=[1]),
        with_cell(code="7"),
        with_cell(code=70),
        with_cell(name=" "),
        with_cell(name=None),
        with_cell(name="a\u001b[2J"),
        with_cell(address=None),
        with_cell(key="AAAA"),
        with_cell(key=None),
        with_cell(address="http://1022.example"),
        with_cell(address="https://user@1022.example"),
        with_cell(address="https://1022.example/?q"),
        with_cell(address="https://"),
        with_cell(address="file:///etc/passwd"),
        with_cell(address="https://1022.example:70000"),
        changed(cells=json.loads(changed())["cells"] * 2),
        changed(cells=json.loads(with_cell())["cells"] * 201),
    ],
)
def test_what_is_signed_and_no_catalogue_is_refused(document):
    with pytest.raises(CatalogueError):
        cells.read_catalogue(document, cells.sign(document, PLANE), KEY)


def test_a_cell_verifies_what_it_signed():
    assert ONE.verifies(b"word", cells.sign(b"word", PLANE)) and not ONE.verifies(b"other", cells.sign(b"word", PLANE))


def test_fingerprints_can_be_spoken_and_tell_keys_apart():
    other = raw(Ed25519PrivateKey.generate().public_key())
    assert cells.fingerprint(KEY) != cells.fingerprint(other)
    assert [len(group) for group in cells.fingerprint(KEY).split()] == [5] * 6
