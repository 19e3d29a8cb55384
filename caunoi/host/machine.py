"""Mistakes on the machine: home, disk, limits, clock, database, what was built. Each check yields what it finds."""

import datetime as dt
import os
import resource
import shutil
import zoneinfo
from collections.abc import Iterator, Mapping
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from caunoi.host import binaries, postgres
from caunoi.host.configuration import is_demo
from caunoi.host.finding import Finding, broken, warning
from caunoi.host.home import CHECKOUT, KEYS

OLDEST_SERVER = 15  # of a DATABASE_URL
MOST_SKEW = 2.0  # seconds between this machine and the database


def home_folder(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    there = next(path for path in (home, *home.parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.R_OK | os.W_OK | os.X_OK):
        yield broken(
            "CAUNOI_HOME",
            (f"Không ghi được vào {there}.", f"Cannot write to {there}."),
            (
                "Cơ sở dữ liệu, tệp và khóa đều ở trong thư mục này.",
                "The database, the files and the key are kept there.",
            ),
            (
                f"Chạy: chown -R $(id -u) '{there}', hoặc đặt CAUNOI_HOME.",
                f"Run: chown -R $(id -u) '{there}', or set CAUNOI_HOME.",
            ),
        )
    elif there == home and home.stat().st_mode & 0o007:
        yield warning(
            "CAUNOI_HOME",
            (f"Người dùng khác vào được {home}.", f"Other users can enter {home}."),
            ("Trong đó có dữ liệu cá nhân của người dân.", "It holds citizens' personal data."),
            (f"Chạy: chmod 700 '{home}'", f"Run: chmod 700 '{home}'"),
        )
    for key in (home / name for name in KEYS):
        if not key.exists() or not key.stat().st_mode & 0o077:
            continue
        yield broken(
            key.name,
            (f"Người dùng khác đọc được {key}.", f"Other users can read {key}."),
            ("Ai có khóa thì giả được những gì khóa ký.", "Whoever has the key can forge what it signs."),
            (f"Chạy: chmod 600 '{key}'", f"Run: chmod 600 '{key}'"),
        )


SIGNED = {  # what a key signed: it is worth nothing without the key
    "log_key.pem": "publication_head",
    "push_key.pem": "notifications_subscription",
}


def keys(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    """Keys that were used and are not there any more: after a restore, mostly."""
    if not environ.get("DATABASE_URL") and not postgres.ready(home):
        return  # nobody to ask
    url = environ.get("DATABASE_URL", "")
    try:
        with psycopg.connect(**(conninfo_to_dict(url) if url else postgres.parameters(home))) as server:
            for name, table in SIGNED.items():
                if (home / name).exists() or (name == "log_key.pem" and environ.get("CAUNOI_LOG_KEY_FILE")):
                    continue
                there = server.execute("SELECT to_regclass(%s)", [f"public.{table}"]).fetchone()
                if (
                    there
                    and there[0]
                    and server.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(table))).fetchone()
                ):
                    yield broken(
                        name,
                        (f"Mất khóa {home / name}.", f"The key {home / name} is missing."),
                        (
                            "Những gì đã ký bằng khóa này không kiểm chứng được nữa; điện thoại đã đăng ký nhận tin sẽ không nhận được.",
                            "What it signed can no longer be verified, and phones that subscribed hear nothing.",
                        ),
                        (
                            "Chép khóa từ bản sao lưu cũ hơn hoặc từ máy cũ vào thư mục này rồi khởi động lại.",
                            "Copy it from an older backup or the old machine into that folder, and start again.",
                        ),
                    )
    except psycopg.Error:
        pass  # the database's own check says it


def disk(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    there = next(path for path in (home, *home.parents) if path.exists())
    free = shutil.disk_usage(there).free / 1e9
    if free < 5:
        make = broken if free < 0.5 else warning
        yield make(
            "disk",
            (f"Ổ đĩa của {home} chỉ còn {free:.1f} GB.", f"The disk of {home} has only {free:.1f} GB left."),
            (
                "Khi hết chỗ, cơ sở dữ liệu dừng và phản ánh không được nhận.",
                "When it is full the database stops, and no report is taken.",
            ),
            (
                "Giải phóng chỗ, hoặc chuyển CAUNOI_HOME sang ổ lớn hơn.",
                "Make room, or move CAUNOI_HOME to a larger disk.",
            ),
        )


def open_files(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < 4096:
        yield warning(
            "ulimit -n",
            (f"Mỗi tiến trình chỉ mở được {soft} tệp.", f"A process may open only {soft} files."),
            (
                "Mỗi màn hình đang mở giữ một kết nối; quá số này người khác không vào được.",
                "Every open screen keeps a connection; beyond that others cannot come in.",
            ),
            (
                f"Chạy: ulimit -n {min(hard, 65536)}, hoặc LimitNOFILE=65536 trong systemd.",
                f"Run: ulimit -n {min(hard, 65536)}, or LimitNOFILE=65536 in systemd.",
            ),
        )


def clock(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    written = dt.datetime.fromtimestamp(Path(__file__).stat().st_mtime, dt.UTC)
    now = dt.datetime.now(dt.UTC)
    if now < written - dt.timedelta(days=1):
        yield broken(
            "clock",
            (
                f"Đồng hồ máy đang là {now:%Y-%m-%d}, trước ngày cài phần mềm.",
                f"The clock says {now:%Y-%m-%d}, before this software was installed.",
            ),
            ("Mọi thời hạn sẽ tính sai.", "Every deadline would be wrong."),
            ("Bật đồng bộ giờ: timedatectl set-ntp true", "Turn time synchronisation on: timedatectl set-ntp true"),
        )
    try:
        zoneinfo.ZoneInfo("Asia/Ho_Chi_Minh")
    except zoneinfo.ZoneInfoNotFoundError:
        yield broken(
            "tzdata",
            ("Máy không có dữ liệu múi giờ.", "The machine has no time zone data."),
            ("Không tính được giờ Việt Nam.", "Vietnamese time cannot be computed."),
            ("Chạy: apt-get install tzdata", "Run: apt-get install tzdata"),
        )


def database(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    url = environ.get("DATABASE_URL", "")
    if not url:
        yield from _embedded(home, environ)
        return
    try:
        with psycopg.connect(**{"connect_timeout": 5, **conninfo_to_dict(url)}) as server:  # type: ignore[arg-type]
            row = server.execute("SELECT now(), current_setting('server_encoding')").fetchone() or (None, "")
            here, version = dt.datetime.now(dt.UTC), server.info.server_version // 10000
    except psycopg.Error as error:
        yield broken(
            "DATABASE_URL",
            (f"Không kết nối được: {error}".strip(), f"Cannot connect: {error}".strip()),
            ("Không có cơ sở dữ liệu thì không có gì chạy.", "Nothing works without the database."),
            (
                "Kiểm tra máy chủ, mật khẩu và tường lửa; thử bằng psql.",
                "Check host, password and firewall; try it with psql.",
            ),
        )
        return
    if version < OLDEST_SERVER or row[1] != "UTF8":
        yield broken(
            "DATABASE_URL",
            (
                f"Máy chủ là PostgreSQL {version}, mã {row[1]}.",
                f"The server is PostgreSQL {version}, encoding {row[1]}.",
            ),
            (
                f"Cần PostgreSQL {OLDEST_SERVER} trở lên và UTF8.",
                f"PostgreSQL {OLDEST_SERVER} or newer and UTF8 are needed.",
            ),
            (
                "Nâng cấp, hoặc tạo cơ sở dữ liệu với ENCODING 'UTF8'.",
                "Upgrade, or create the database with ENCODING 'UTF8'.",
            ),
        )
    skew = abs((here - row[0]).total_seconds()) if row[0] else 0.0
    if skew > MOST_SKEW:
        yield warning(
            "clock",
            (
                f"Đồng hồ máy này và cơ sở dữ liệu lệch {skew:.0f} giây.",
                f"This machine's clock and the database's differ by {skew:.0f} s.",
            ),
            ("Thứ tự sự kiện và thời hạn sẽ lẫn lộn.", "The order of events and the deadlines get mixed up."),
            ("Bật đồng bộ giờ trên cả hai máy.", "Turn time synchronisation on, on both machines."),
        )


def _embedded(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    mark = postgres.data(home) / "PG_VERSION"
    try:
        major = int(mark.read_text()) if mark.exists() else None
        binaries.find(major, environ)
    except binaries.NoServer as error:
        yield broken(
            "CAUNOI_PG_BIN" if environ.get("CAUNOI_PG_BIN") else "PostgreSQL",
            (f"Không có PostgreSQL phù hợp: {error}.", f"No fit PostgreSQL: {error}."),
            (
                "Dữ liệu chỉ đọc được bằng đúng phiên bản đã ghi; bản mới cần 17 trở lên.",
                "Data is read by the major version that wrote it; new data needs 17 or newer.",
            ),
            (
                "Chạy `make setup`, hoặc đặt CAUNOI_PG_BIN hay DATABASE_URL.",
                "Run `make setup`, or set CAUNOI_PG_BIN or DATABASE_URL.",
            ),
        )
    except OSError:
        pass  # the home's own check says it
    if os.geteuid() == 0 and not is_demo(environ):
        yield warning(
            "root",
            ("Sản phẩm chạy bằng quyền root.", "The product runs as root."),
            ("Một lỗi của nó có thể làm hại cả máy.", "A fault in it could harm the whole machine."),
            ("Tạo người dùng riêng: useradd --system caunoi", "Make a user for it: useradd --system caunoi"),
        )


def built(home: Path, environ: Mapping[str, str]) -> Iterator[Finding]:
    parts = ("web/static/dist/manifest.json", "locale/vi/LC_MESSAGES/django.mo")
    missing = [part for part in parts if not (CHECKOUT / "caunoi" / part).exists()]
    if missing:
        yield broken(
            "setup",
            (f"Chưa tạo: {', '.join(missing)}.", f"Not built: {', '.join(missing)}."),
            ("Trang web sẽ không có kiểu dáng hoặc tiếng Việt.", "Pages would lack their styles or their Vietnamese."),
            ("Chạy: make setup", "Run: make setup"),
        )


CHECKS = (home_folder, keys, disk, open_files, clock, database, built)


def check(home: Path, environ: Mapping[str, str] = os.environ) -> Iterator[Finding]:
    """All findings on the machine."""
    for one in CHECKS:
        yield from one(home, environ)
