"""Files that people send us, downloaded from where the provider holds them for a while; never from our own network."""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic

import httpx

from caunoi.channels.base import Account, DeliveryError, Media, UnreadableError

REDIRECTS = 3
LONGEST = 30.0  # seconds
BRIDGES = [IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"), IPv6Network("2002::/16")]  # lead to IPv4


def download(media: Media, account: Account, *, most: int) -> bytes:
    """The bytes at `media.url`, at most `most`. Only http(s) at public addresses, checked again after each redirect;
    the name is looked up once and that address called. UnreadableError (too big, not allowed), DeliveryError (retry or
    not)."""
    url, until = media.url, monotonic() + LONGEST
    for _ in range(REDIRECTS + 1):
        reply = _get(url, account, most, until)
        if isinstance(reply, bytes):
            return reply
        url = reply
    raise UnreadableError("redirected too often")


def _get(url: str, account: Account, most: int, until: float) -> bytes | str:
    """The content, or the address that it moved to."""
    try:
        target = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise UnreadableError("no address") from error
    if target.scheme not in ("http", "https") or not target.host:
        raise UnreadableError("no http address")
    address = _address(target, trusted=_netloc(target) == _netloc(httpx.URL(str(account.config.get("api_base", "")))))
    headers = {"Host": target.netloc.decode("ascii"), "Accept-Encoding": "identity"}
    try:
        with account.http.stream(
            "GET",
            target.copy_with(host=address),
            headers=headers,
            follow_redirects=False,
            extensions={"sni_hostname": target.host},
        ) as response:
            if response.is_redirect:
                return str(target.join(response.headers.get("location", "")))
            if response.status_code != 200:
                later = response.status_code == 429 or response.status_code >= 500
                raise DeliveryError(f"not to be had ({response.status_code})", retry=later)
            if int(response.headers.get("content-length") or 0) > most:
                raise UnreadableError("too big")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise UnreadableError("packed, against our wish")
            content = bytearray()
            for chunk in response.iter_bytes():
                content += chunk
                if len(content) > most:
                    raise UnreadableError("too big")
                if monotonic() > until:
                    raise DeliveryError("too slow", retry=True)
            return bytes(content)
    except (httpx.RequestError, httpx.InvalidURL) as error:
        raise DeliveryError(f"not to be had: {type(error).__name__}", retry=True) from error
    except ValueError as error:
        raise UnreadableError("an answer that makes no sense") from error


def _netloc(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _address(url: httpx.URL, *, trusted: bool) -> str:
    """One address of the host. Where the inbox itself points (a test provider) is trusted, wherever it is."""
    try:
        infos = socket.getaddrinfo(
            url.host, url.port or (443 if url.scheme == "https" else 80), type=socket.SOCK_STREAM
        )
    except (OSError, UnicodeError) as error:
        raise DeliveryError("its host is unknown", retry=True) from error
    addresses = [str(each[4][0]).split("%")[0] for each in infos]
    if not trusted and not all(public(ip_address(each)) for each in addresses):
        raise UnreadableError("not a public address")
    return addresses[0]


def public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address is on the public internet."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return public(address.ipv4_mapped)
        if address.teredo or any(address in bridge for bridge in BRIDGES):
            return False
    return address.is_global and not address.is_multicast
