"""What people send is fetched from the internet, in bounds, and never from inside our own network."""

import socket
from ipaddress import ip_address

import httpx
import pytest

from caunoi.channels import download as module
from caunoi.channels.base import Account, DeliveryError, Media, UnreadableError
from caunoi.channels.download import download, public

INNER = [
    "127.0.0.1",
    "10.0.0.8",
    "192.168.1.1",
    "172.16.0.1",
    "169.254.169.254",
    "0.0.0.0",
    "100.64.0.1",
    "224.0.0.1",
    "::1",
    "fe80::1",
    "fc00::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "::",
]


@pytest.mark.parametrize("address", INNER)
def test_an_inner_address_is_not_public(address):
    assert not public(ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "203.113.131.1", "2606:4700::1111"])
def test_an_outer_one_is(address):
    assert public(ip_address(address))


@pytest.fixture
def names(monkeypatch):
    """A telephone book of hosts instead of the real one."""
    table = {
        "photo.example": ["203.113.131.1"],
        "inner.example": ["10.0.0.8"],
        "both.example": ["203.113.131.1", "::1"],
    }

    def look_up(host, port, type=0):
        if host not in table:
            raise socket.gaierror(host)
        return [(socket.AF_INET, type, 6, "", (address, port)) for address in table[host]]

    monkeypatch.setattr(module.socket, "getaddrinfo", look_up)
    return table


def box(answer, **config):
    return Account(name="zalo", config=config, http=httpx.Client(transport=httpx.MockTransport(answer)))


def get(url, answer, most=1000, **config):
    return download(Media(kind="image", url=url), box(answer, **config), most=most)


def picture(request):
    return httpx.Response(200, content=b"jpeg")


def test_the_name_is_looked_up_once_and_that_address_called(names):
    asked = []

    def answer(request):
        asked.append((request.url.host, request.headers["host"], request.extensions["sni_hostname"]))
        return httpx.Response(200, content=b"jpeg")

    assert get("https://photo.example/1.jpg", answer) == b"jpeg"
    assert asked == [("203.113.131.1", "photo.example", "photo.example")]


@pytest.mark.parametrize(
    "url",
    [
        "http://inner.example/",
        "http://both.example/",
        "file:///etc/passwd",
        "ftp://photo.example/",
        "gopher://x/",
        "",
        "http://",
        "https:///x",
        "//photo.example/x",
        "data:image/png;base64,AA",
    ],
)
def test_nothing_but_http_to_the_outside(url, names):
    with pytest.raises(UnreadableError):
        get(url, picture)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://[::1]/", "http://localhost/"]
)
def test_no_spelling_of_ourselves(url):
    with pytest.raises(UnreadableError):
        get(url, picture)


def test_a_redirect_is_looked_at_like_the_first_address(names):
    def inwards(request):
        return httpx.Response(302, headers={"location": "http://inner.example/secret"})

    def round_about(request):
        return httpx.Response(302, headers={"location": "/again"})

    def once(request):
        there = request.url.path == "/there"
        return httpx.Response(200, content=b"jpeg") if there else httpx.Response(301, headers={"location": "/there"})

    with pytest.raises(UnreadableError, match="public"):
        get("http://photo.example/", inwards)
    with pytest.raises(UnreadableError, match="too often"):
        get("http://photo.example/", round_about)
    assert get("http://photo.example/here", once) == b"jpeg"


def test_the_test_provider_of_the_inbox_may_be_inside(names):
    names["provider.inner"] = ["127.0.0.1"]
    assert get("http://provider.inner:9/1.jpg", picture, api_base="http://provider.inner:9") == b"jpeg"
    with pytest.raises(UnreadableError):
        get("http://provider.inner:10/1.jpg", picture, api_base="http://provider.inner:9")


def test_too_much_is_not_taken(names):
    with pytest.raises(UnreadableError, match="too big"):
        get("http://photo.example/", lambda request: httpx.Response(200, content=b"x" * 2000))

    def endless():
        while True:
            yield b"x" * 100

    with pytest.raises(UnreadableError, match="too big"):
        get("http://photo.example/", lambda request: httpx.Response(200, content=endless()))


@pytest.mark.parametrize(("status", "again"), [(403, False), (404, False), (410, False), (429, True), (503, True)])
def test_what_is_gone_is_gone_and_what_is_away_is_asked_again(status, again, names):
    with pytest.raises(DeliveryError) as caught:
        get("http://photo.example/", lambda request: httpx.Response(status))
    assert caught.value.retry is again


def test_an_unknown_host_or_a_broken_line_is_asked_again(names):
    def cut(request):
        raise httpx.ReadError("cut")

    for url, answer in (("http://nowhere.example/", picture), ("http://photo.example/", cut)):
        with pytest.raises(DeliveryError) as caught:
            get(url, answer)
        assert caught.value.retry
