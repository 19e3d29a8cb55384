"""An append-only log that cannot be rewritten unseen: Merkle trees of RFC 9162 (section 2.1; the same as RFC 6962) over
SHA-256. Pure.

The log is kept as the roots of its complete subtrees, which never change: `node(level, index)` is the root over the
leaves [index·2^level, (index+1)·2^level). `added` says which of them a new leaf completes; everything else is computed
from O(log n) of them, for any size the log has had.
"""

from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256

type Node = Callable[[int, int], bytes]

EMPTY = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """The hash of one entry."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees beside each other."""
    return sha256(b"\x01" + left + right).digest()


def added(size: int, leaf: bytes, node: Node) -> Iterator[tuple[int, int, bytes]]:
    """(level, index, root) of every subtree that becomes complete when `leaf` (a leaf hash) is added as number `size`
    (from 0) to a log of that size: what must be stored."""
    level, index, root = 0, size, leaf
    yield level, index, root
    while index % 2:
        root = node_hash(node(level, index - 1), root)
        level, index = level + 1, index // 2
        yield level, index, root


def _split(count: int) -> int:
    """The largest power of two below `count` (≥ 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def _over(start: int, end: int, node: Node) -> bytes:
    """MTH(D[start:end]); `start` is a multiple of the power of two that covers the range."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(count)
    return node_hash(_over(start, middle, node), _over(middle, end, node))


def root(size: int, node: Node) -> bytes:
    """The root over the first `size` leaves (RFC 9162, 2.1.1)."""
    return _over(0, size, node) if size else EMPTY


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over leaf hashes, from the first to the last, without stored subtrees."""
    tree = Growing()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


class Growing:
    """A log that only its roots are wanted of, one leaf hash after the other."""

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[tuple[int, bytes]] = []  # subtrees beside each other, ever smaller

    def add(self, leaf: bytes) -> None:
        level, right = 0, leaf
        while self._complete and self._complete[-1][0] == level:
            right, level = node_hash(self._complete.pop()[1], right), level + 1
        self._complete.append((level, right))
        self.size += 1

    def root(self) -> bytes:
        """The root over what was added so far."""
        if not self._complete:
            return EMPTY
        *others, (_, result) = self._complete
        for _, left in reversed(others):
            result = node_hash(left, result)
        return result


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """The proof that leaf `index` is in the log of `size` leaves (2.1.3.1), from the leaf up. ValueError when it cannot
    be."""
    if not 0 <= index < size:
        raise ValueError("there is no such leaf")
    path = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(_over(middle, end, node))
            end = middle
        else:
            path.append(_over(start, middle, node))
            start = middle
    return path[::-1]


def included(leaf: bytes, index: int, size: int, path: list[bytes], root: bytes) -> bool:
    """Whether a proof of `inclusion` shows that a leaf hash is number `index` of the log of `size` leaves with this
    root (2.1.3.2)."""
    if not 0 <= index < size:
        return False
    at, last, digest = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at % 2 or at == last:
            digest = node_hash(step, digest)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            digest = node_hash(digest, step)
        at, last = at >> 1, last >> 1
    return last == 0 and digest == root


def consistency(before: int, size: int, node: Node) -> list[bytes]:
    """The proof that the log of `before` leaves is the beginning of the log of `size` leaves (2.1.4.1). ValueError
    unless 0 < before ≤ size."""
    if not 0 < before <= size:
        raise ValueError("an earlier size is needed")
    path: list[bytes] = []
    start, end, whole = 0, size, True
    while end != before:
        middle = start + _split(end - start)
        if before <= middle:
            path.append(_over(middle, end, node))
            end = middle
        else:
            path.append(_over(start, middle, node))
            start, whole = middle, False
    if not whole:
        path.append(_over(start, end, node))
    return path[::-1]


def consistent(before: int, first: bytes, size: int, second: bytes, path: list[bytes]) -> bool:
    """Whether a proof of `consistency` shows that the log of `before` leaves with the root `first` is the beginning of
    the one of `size` leaves with the root `second` (2.1.4.2)."""
    if not 0 < before <= size:
        return False
    if before == size:
        return not path and first == second
    steps = [first, *path] if before & (before - 1) == 0 else list(path)
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
            old, new = node_hash(step, old), node_hash(step, new)
            while at % 2 == 0 and at:
                at, last = at >> 1, last >> 1
        else:
            new = node_hash(new, step)
        at, last = at >> 1, last >> 1
    return last == 0 and old == first and new == second
