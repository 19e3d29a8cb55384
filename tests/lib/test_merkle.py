"""The Merkle log against the RFC: the worked tree of RFC 9162 section 2.1.5, the well-known vectors of certificate
transparency, and properties against the definition written out.

Proves: tamper-evident log: Merkle tree with the RFC's vectors, signed daily head, a page, a proof to download, a
standalone verifier; erasure keeps the tree"""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.crypto import merkle
from caunoi.web.handed.verify_log import consistent, included

# The entries that certificate transparency's own tests use, and the roots after each (RFC 6962 trees).
ENTRIES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Log:
    """A log in memory, kept as its complete subtrees."""

    def __init__(self, entries=()):
        self.size, self.nodes = 0, {}
        for entry in entries:
            self.add(entry)

    def node(self, level, index):
        return self.nodes[level, index]

    def add(self, entry):
        for level, index, root in merkle.added(self.size, merkle.leaf_hash(entry), self.node):
            assert (level, index) not in self.nodes, "a complete subtree never changes"
            self.nodes[level, index] = root
        self.size += 1

    def root(self, size=None):
        return merkle.root(self.size if size is None else size, self.node)


def defined(entries):
    """MTH as the RFC writes it."""
    if not entries:
        return sha256(b"").digest()
    if len(entries) == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < len(entries):
        k *= 2
    return sha256(b"\x01" + defined(entries[:k]) + defined(entries[k:])).digest()


def test_the_roots_are_those_of_certificate_transparency():
    log = Log()
    assert log.root().hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    for entry, root in zip(ENTRIES, ROOTS, strict=True):
        log.add(entry)
        assert log.root().hex() == root


def test_the_worked_example_of_the_rfc():
    """RFC 9162, 2.1.5: the tree of seven leaves; its audit paths and consistency proofs by name."""
    entries = [f"d{n}".encode() for n in range(7)]
    log = Log(entries)
    a, b, c, d, e, f, j = (merkle.leaf_hash(entry) for entry in entries)
    h = merkle.node_hash
    g, hh, i = h(a, b), h(c, d), h(e, f)
    k, m = h(g, hh), h(i, j)
    assert log.root() == h(k, m)
    assert merkle.inclusion(0, 7, log.node) == [b, hh, m]
    assert merkle.inclusion(3, 7, log.node) == [c, g, m]
    assert merkle.inclusion(4, 7, log.node) == [f, j, k]
    assert merkle.inclusion(6, 7, log.node) == [i, k]
    assert merkle.consistency(3, 7, log.node) == [c, d, g, m]
    assert merkle.consistency(4, 7, log.node) == [m]
    assert merkle.consistency(6, 7, log.node) == [i, j, k]


entries = st.lists(st.binary(max_size=8), min_size=1, max_size=70)


@given(entries)
def test_the_root_is_the_one_defined_and_old_roots_stay(given):
    log = Log(given)
    for size in range(len(given) + 1):
        assert log.root(size) == defined(given[:size])


@given(entries, st.data())
def test_every_leaf_can_be_proved_and_no_other(given, data):
    log = Log(given)
    index = data.draw(st.integers(0, len(given) - 1))
    path, root = merkle.inclusion(index, len(given), log.node), log.root()
    leaf = merkle.leaf_hash(given[index])
    assert included(leaf, index, len(given), path, root)
    assert not included(merkle.leaf_hash(given[index] + b"!"), index, len(given), path, root)
    assert not included(leaf, index, len(given), [*path, leaf], root)
    if path:
        assert not included(leaf, index, len(given), path[:-1], root)
        assert not included(leaf, index, len(given), path, merkle.leaf_hash(root))


@given(entries, st.data())
def test_growth_can_be_proved_and_a_rewritten_past_cannot(given, data):
    log = Log(given)
    before = data.draw(st.integers(1, len(given)))
    path = merkle.consistency(before, len(given), log.node)
    assert consistent(before, log.root(before), len(given), log.root(), path)
    rewritten = data.draw(st.integers(0, before - 1))
    other = Log([*given[:rewritten], given[rewritten] + b"!", *given[rewritten + 1 :]])
    forged = merkle.consistency(before, len(given), other.node)
    assert not consistent(before, log.root(before), len(given), other.root(), forged)
    if before < len(given):
        assert not consistent(before, log.root(before), len(given), log.root(), [*path, log.root()])


@pytest.mark.parametrize("call", [lambda n: merkle.inclusion(3, 3, n), lambda n: merkle.consistency(4, 3, n)])
def test_a_proof_of_what_is_not_there_is_refused(call):
    with pytest.raises(ValueError):
        call(Log([b"a", b"b", b"c"]).node)
    assert not included(b"", 3, 3, [], b"") and not consistent(0, b"", 3, b"", [])


def test_the_root_is_the_same_when_it_is_counted_from_the_leaves_alone():
    leaves = [merkle.leaf_hash(entry) for entry in ENTRIES]
    assert [merkle.root_of(leaves[:size]).hex() for size in range(1, 9)] == ROOTS
    assert merkle.root_of([]) == merkle.EMPTY
    assert merkle.root_of(leaves[::-1]).hex() != ROOTS[-1]
