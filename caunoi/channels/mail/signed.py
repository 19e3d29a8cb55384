"""The letter inside an opaque S/MIME signature (RFC 5751, application/pkcs7-mime): found by walking the DER or BER of
the CMS structure. The signature is not checked: From is not proof for us either way. Never raises.
"""

_SIGNED = bytes.fromhex("2a864886f70d010702")  # 1.2.840.113549.1.7.2
_DATA = bytes.fromhex("2a864886f70d010701")
DEPTH = 12


def letter(data: bytes) -> bytes:
    """The MIME entity that was signed; empty when it is encrypted or none."""
    head = data[:200]
    if _SIGNED not in head:
        return b""
    at = data.find(_DATA, head.find(_SIGNED))
    if at < 0:
        return b""
    return _octets(data, at + len(_DATA), len(data), DEPTH)


def _octets(data: bytes, at: int, end: int, depth: int) -> bytes:
    """The octet string in the value at `at`, its pieces put together."""
    if at + 2 > end or depth <= 0:
        return b""
    tag, first = data[at], data[at + 1]
    start, length = at + 2, first
    if first > 0x80:
        size = first & 0x7F
        if size > 6:
            return b""
        length = int.from_bytes(data[start : start + size], "big")
        start += size
    stop = end if first == 0x80 else min(end, start + length)
    if tag == 0x04:
        return data[start:stop]
    if tag == 0xA0:
        return _octets(data, start, stop, depth - 1)
    if tag == 0x24:  # in pieces
        pieces = []
        while start + 2 <= stop and data[start] == 0x04:
            size = data[start + 1] & 0x7F if data[start + 1] > 0x80 else 0
            body = start + 2 + size
            long = int.from_bytes(data[start + 2 : body], "big") if size else data[start + 1]
            if size > 6:
                break
            pieces.append(data[body : min(stop, body + long)])
            start = body + long
        return b"".join(pieces)
    return b""
