"""Mistakes in the environment that settings.py reads. Each check takes the environment and yields what it finds."""

import difflib
import ipaddress
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from caunoi.host.finding import Finding, broken, warning
from caunoi.host.home import CHECKOUT

type Environ = Mapping[str, str]
LOOPBACK = {"127.0.0.1", "localhost", "::1", ""}


def public_url(environ: Environ) -> Iterator[Finding]:
    given = environ.get("CAUNOI_PUBLIC_URL", "").strip()
    demo = is_demo(environ)
    if not given:
        if not demo:
            yield warning(
                "CAUNOI_PUBLIC_URL",
                ("Chưa đặt CAUNOI_PUBLIC_URL.", "CAUNOI_PUBLIC_URL is not set."),
                (
                    "Liên kết trong SMS, thư và mã QR sẽ trỏ về 127.0.0.1.",
                    "Links in SMS, mail and QR codes lead to 127.0.0.1.",
                ),
                (
                    "Đặt địa chỉ người dân dùng, ví dụ https://1022.tinh.gov.vn",
                    "Set the address citizens use, for example https://1022.example.gov.vn",
                ),
            )
        return
    parts = urlsplit(given)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        yield broken(
            "CAUNOI_PUBLIC_URL",
            (
                f"CAUNOI_PUBLIC_URL={given} không phải là https://tên-máy không kèm đường dẫn.",
                f"CAUNOI_PUBLIC_URL={given} is not https://host without a path.",
            ),
            (
                "Mọi liên kết gửi ra sẽ hỏng và trang có thể bị từ chối.",
                "Every link that is sent is broken, and pages may be refused.",
            ),
            (
                "Viết đủ giao thức và tên máy: https://1022.tinh.gov.vn",
                "Write scheme and host: https://1022.example.gov.vn",
            ),
        )
        return
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        yield warning(
            "CAUNOI_PUBLIC_URL",
            (f"{given} không dùng https.", f"{given} does not use https."),
            (
                "Mật khẩu và dữ liệu người dân đi qua mạng không mã hóa; điện thoại trên trình duyệt không bật được micrô.",
                "Passwords and citizens' data cross the network in the clear; browsers give no microphone to the phone.",
            ),
            (
                "Đặt chứng thư TLS ở máy chủ phía trước và đổi thành https://",
                "Put TLS on the proxy in front and change it to https://",
            ),
        )
    if demo and parts.hostname not in LOOPBACK:
        yield broken(
            "CAUNOI_DEMO",
            (f"Bản dùng thử được mở ra tại {given}.", f"The demo is opened to others at {given}."),
            (
                "Mật khẩu và mã của bản dùng thử ai cũng biết.",
                "The demo's passwords and tokens are known to everybody.",
            ),
            ("Bỏ CAUNOI_DEMO, hoặc bỏ CAUNOI_PUBLIC_URL.", "Unset CAUNOI_DEMO, or CAUNOI_PUBLIC_URL."),
        )
    if parts.scheme == "https" and not _list(environ, "CAUNOI_TRUSTED_PROXIES"):
        yield warning(
            "CAUNOI_TRUSTED_PROXIES",
            (
                "Địa chỉ công khai dùng https nhưng chưa đặt CAUNOI_TRUSTED_PROXIES.",
                "The public address uses https, but CAUNOI_TRUSTED_PROXIES is not set.",
            ),
            (
                "Sản phẩm thấy mọi người đến từ một địa chỉ: một người gõ sai mật khẩu có thể khóa tất cả, và trang tưởng là http.",
                "Everybody seems to come from one address: one person's wrong passwords may lock out all, and pages think of http.",
            ),
            (
                "Đặt địa chỉ IP của máy chủ TLS phía trước, ví dụ CAUNOI_TRUSTED_PROXIES=127.0.0.1",
                "Set the IP address of the TLS proxy in front, for example CAUNOI_TRUSTED_PROXIES=127.0.0.1",
            ),
        )


def allowed_hosts(environ: Environ) -> Iterator[Finding]:
    hosts = _list(environ, "CAUNOI_ALLOWED_HOSTS")
    wrong = [host for host in hosts if "/" in host or (":" in host and not host.startswith("["))]
    if wrong:
        yield broken(
            "CAUNOI_ALLOWED_HOSTS",
            (f"CAUNOI_ALLOWED_HOSTS có {', '.join(wrong)}.", f"CAUNOI_ALLOWED_HOSTS has {', '.join(wrong)}."),
            (
                "Chỉ nhận tên máy; tên có giao thức, đường dẫn hay cổng không bao giờ khớp và trang trả về 400.",
                "Only host names match; with a scheme, path or port none does, and pages answer 400.",
            ),
            ("Viết như 1022.tinh.gov.vn,10.0.0.5", "Write it like 1022.example.gov.vn,10.0.0.5"),
        )
    if "*" in hosts and not is_demo(environ):
        yield warning(
            "CAUNOI_ALLOWED_HOSTS",
            ("CAUNOI_ALLOWED_HOSTS nhận mọi tên máy (*).", "CAUNOI_ALLOWED_HOSTS takes any host name (*)."),
            (
                "Kẻ xấu có thể khiến trang tạo liên kết sang máy của họ.",
                "An attacker can make pages build links to their host.",
            ),
            ("Liệt kê đúng các tên máy được dùng.", "List the host names that are used."),
        )


def trusted_proxies(environ: Environ) -> Iterator[Finding]:
    for proxy in _list(environ, "CAUNOI_TRUSTED_PROXIES"):
        try:
            ipaddress.ip_network(proxy, strict=False)
        except ValueError:
            yield broken(
                "CAUNOI_TRUSTED_PROXIES",
                (f"{proxy} không phải địa chỉ IP hay mạng.", f"{proxy} is no IP address or network."),
                (
                    "Ai cũng có thể giả địa chỉ của mình, hoặc máy chủ phía trước không được tin.",
                    "Anybody could pretend to come from elsewhere, or the proxy is not trusted.",
                ),
                ("Viết như 127.0.0.1,10.0.0.0/24", "Write it like 127.0.0.1,10.0.0.0/24"),
            )


def secret_key(environ: Environ) -> Iterator[Finding]:
    named, given = environ.get("CAUNOI_SECRET_KEY_FILE", ""), environ.get("CAUNOI_SECRET_KEY", "")
    if named and not given:
        try:
            given = Path(named).read_text("utf-8").strip()
        except OSError as error:
            yield broken(
                "CAUNOI_SECRET_KEY_FILE",
                (f"Không đọc được {named}: {error.strerror}.", f"Cannot read {named}: {error.strerror}."),
                (
                    "Không có khóa thì không ký được phiên đăng nhập và liên kết theo dõi.",
                    "Without the key no session and no follow link can be signed.",
                ),
                ("Sửa đường dẫn hoặc quyền đọc của tệp.", "Mend the path, or who may read the file."),
            )
            return
    if (named or given) and len(given) < 32:
        yield broken(
            "CAUNOI_SECRET_KEY",
            (f"Khóa bí mật chỉ có {len(given)} ký tự.", f"The secret key has only {len(given)} characters."),
            (
                "Khóa ngắn có thể bị đoán, và ai có khóa thì giả được mọi phiên đăng nhập.",
                "A short key can be guessed, and whoever has it can forge any session.",
            ),
            (
                "Dùng ít nhất 50 ký tự ngẫu nhiên, hoặc bỏ biến này để sản phẩm tự tạo khóa.",
                "Use 50 random characters or more, or unset it: the product makes its own.",
            ),
        )


def numbers(environ: Environ) -> Iterator[Finding]:
    port = environ.get("PORT", "").strip()
    if port and not (port.isdigit() and 0 < int(port) < 65535):
        yield broken(
            "PORT",
            (f"PORT={port} không phải số cổng.", f"PORT={port} is no port number."),
            ("Sản phẩm không biết nghe ở đâu.", "The product does not know where to listen."),
            (
                "Đặt PORT từ 1024 đến 65534, hoặc bỏ đi để dùng 8022.",
                "Set PORT between 1024 and 65534, or unset it for 8022.",
            ),
        )


def names(environ: Environ) -> Iterator[Finding]:
    """Names that nothing reads: mostly typing mistakes."""
    known = known_names()
    for name in sorted(environ):
        if name.startswith("CAUNOI_") and name not in known:
            near = difflib.get_close_matches(name, known, 1)
            yield warning(
                name,
                (f"Không có gì đọc {name}.", f"Nothing reads {name}."),
                ("Cài đặt này không có tác dụng.", "This setting has no effect."),
                (f"Có phải là {near[0]}?" if near else "Bỏ nó đi.", f"Was {near[0]} meant?" if near else "Unset it."),
            )


def known_names() -> set[str]:
    """Every CAUNOI_… name that the code has."""
    files = (CHECKOUT / "caunoi").rglob("*.py")
    return {name for file in files for name in re.findall(r"\bCAUNOI_[A-Z][A-Z_]*[A-Z]\b", file.read_text("utf-8"))}


def is_demo(environ: Environ) -> bool:
    return environ.get("CAUNOI_DEMO", "").lower() in {"1", "true", "yes", "on"}


def _list(environ: Environ, name: str) -> list[str]:
    return [part.strip() for part in environ.get(name, "").split(",") if part.strip()]


CHECKS = (public_url, allowed_hosts, trusted_proxies, secret_key, numbers, names)


def check(environ: Environ = os.environ) -> Iterator[Finding]:
    """All findings in the environment."""
    for one in CHECKS:
        yield from one(environ)
