"""Starts the whole product at one address and keeps it running: database, pages, worker."""

import argparse
import asyncio
import fcntl
import functools
import hashlib
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from caunoi.host import address, home, postgres
from caunoi.host.binaries import NoServer
from caunoi.host.lifeline import tie
from caunoi.host.processes import Child, Supervisor

NAME = "up"
HELP = "start the whole product and keep it running"

LOOPBACK = {"127.0.0.1", "::1", "localhost"}
TEXTS = {
    "running": (
        "Sản phẩm đang chạy tại {address} (tiến trình {pid}) với cùng thư mục {home}.\nDừng nó bằng: kill {pid}",
        "The product is running at {address} (process {pid}) with the same home {home}.\nStop it with: kill {pid}",
    ),
    "taken": (
        "Cổng {port} đang được một chương trình khác dùng.\nChọn cổng khác, ví dụ: PORT={other} make run",
        "Port {port} is used by another program.\nChoose another one, for example: PORT={other} make run",
    ),
    "forbidden": (
        "Không thể mở {where}.\nCổng dưới 1024 cần quyền quản trị; hãy chọn PORT từ 1024 trở lên.",
        "Cannot listen at {where}.\nPorts below 1024 need privileges; choose a PORT of 1024 or more.",
    ),
    "open demo": (
        "Bản dùng thử có mật khẩu ai cũng biết nên chỉ chạy tại 127.0.0.1, không chạy tại {host}.",
        "The demo has passwords that everybody knows, so it only listens at 127.0.0.1, not at {host}.",
    ),
    "home": (
        "Không ghi được vào thư mục dữ liệu {home}: {error}\nSửa quyền của nó, hoặc đặt CAUNOI_HOME.",
        "Cannot write to the home {home}: {error}\nMend its permissions, or set CAUNOI_HOME.",
    ),
    "database": (
        "Cơ sở dữ liệu không khởi động được: {error}\nChạy `bin/caunoi doctor` để biết cách sửa.",
        "The database does not start: {error}\nRun `bin/caunoi doctor` to learn what to do.",
    ),
    "prepare": (
        "Lệnh `caunoi {command}` thất bại (mã {code}); lý do ở trên.",
        "`caunoi {command}` failed (code {code}); the reason is above.",
    ),
    "first": ("Đang chuẩn bị dữ liệu lần đầu…", "Preparing the data for the first time…"),
    "ready": ("Sẵn sàng", "Ready"),
    "demo": (
        "Đăng nhập tại {address}/login, mật khẩu demo1022!:",
        "Sign in at {address}/login, password demo1022!:",
    ),
    "first run": (
        "Chưa có quản trị. Thiết lập lần đầu, dùng một lần, tại:\n{address}",
        "There is no administrator yet. The first run is answered, once, at:\n{address}",
    ),
    "stop": ("Ctrl-C để dừng.", "Ctrl-C stops it."),
}
PEOPLE = (
    ("lan", "trực tổng đài", "operator"),
    ("tam", "trưởng ca", "supervisor"),
    ("minh", "cán bộ xử lý", "officer at the utilities company"),
    ("hoa", "lãnh đạo đơn vị xử lý", "that agency's lead"),
    ("thu", "biên tập IOC", "reviewer at the IOC"),
    ("phong", "lãnh đạo", "leader"),
    ("quan", "quản trị", "administrator"),
)


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (default 127.0.0.1)")
    parser.add_argument("--port", type=int, default=os.environ.get("PORT") or 8022, help="default PORT or 8022")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument(
        "--web", type=int, default=min(2, cores), help="processes that answer pages (default %(default)s)"
    )
    parser.add_argument("--with-parent", action="store_true", help="end when the program that started this one ends")
    parser.add_argument("--lang", choices=("vi", "en"), default="vi")


def run(args: argparse.Namespace) -> int:
    folder = home.home()
    demo = os.environ.get("CAUNOI_DEMO", "").lower() in {"1", "true", "yes", "on"}
    text = functools.partial(_text, args.lang)
    if args.with_parent:
        tie(signal.SIGTERM, parent=os.getppid())()
    where = f"http://{args.host if args.host != '0.0.0.0' else '127.0.0.1'}:{args.port}"  # noqa: S104
    if demo and args.host not in LOOPBACK:
        return _refuse(text("open demo", host=args.host))
    try:
        home.prepare(folder)
        lock = open(folder / "up.lock", "a+")  # noqa: SIM115 — kept for as long as we live
    except OSError as error:
        return _refuse(text("home", home=folder, error=error))
    if not _ours(lock, where):
        lock.seek(0)
        return _refuse(text("running", home=folder, **json.loads(lock.read() or '{"pid": "?", "address": "?"}')))
    try:
        sock = address.listen(args.host, args.port)
    except address.Taken:
        return _refuse(text("taken", port=args.port, other=args.port + 10))
    except address.Forbidden as error:
        return _refuse(text("forbidden", where=error))
    server = None if os.environ.get("DATABASE_URL") else postgres.Server(folder)
    try:
        if server:
            server.start()
    except (NoServer, postgres.Failed, OSError) as error:
        return _refuse(text("database", error=error))
    os.environ["PORT"] = str(args.port)
    try:
        return asyncio.run(_run(Supervisor(say=_say, database=server), folder, sock.fileno(), args, where, demo=demo))
    finally:
        if server:
            server.stop()


async def _run(
    supervisor: Supervisor, folder: Path, sock: int, args: argparse.Namespace, where: str, *, demo: bool
) -> int:
    text = functools.partial(_text, args.lang)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.ending.set)
    steps = [["migrate", "--quiet"], *([["demo"]] if demo and _exists("demo") else [])]
    mark, digest = folder / "prepared", _digest(folder, steps)
    if not supervisor.database or not mark.exists() or mark.read_text() != digest:
        if not mark.exists():
            print(text("first"), flush=True)
        done = 0
        for step in steps:
            code = await supervisor.once(_command(step[0], *step))
            if supervisor.ending.is_set():
                return 0
            done += code == 0
            if code:
                _refuse(text("prepare", command=step[0], code=code))
                if step[0] == "migrate":  # without the demo's rows the product still runs
                    return 1
        if done == len(steps):
            mark.write_text(digest)
    names = ["web"] if args.web == 1 else [f"web {number + 1}" for number in range(args.web)]
    children = [_command(name, "web", "--fd", str(sock), files=[sock]) for name in names]
    telling = asyncio.create_task(_tell(where, args, demo=demo))
    await supervisor.keep([*children, _command("worker", "worker"), _command("bridge", "bridge")])
    telling.cancel()
    return 0


async def _tell(where: str, args: argparse.Namespace, *, demo: bool) -> None:
    """Says that the product is ready once it says so itself."""
    host, port = where.removeprefix("http://").rsplit(":", 1)
    while not await _is_ready(host, int(port)):
        await asyncio.sleep(0.2)
    text = functools.partial(_text, args.lang)
    lines = [f"Ready: {where}" if args.lang == "en" else f"Ready: {where}   ({text('ready')})"]
    if demo:
        lines += [text("demo", address=where), *(f"  {name:<6} {role[args.lang == 'en']}" for name, *role in PEOPLE)]
    print("\n".join([*lines, text("stop")]), flush=True)
    if not demo and (link := await _first_run()):
        print(text("first run", address=link), flush=True)


async def _first_run() -> str:
    """The one-time address of the first run; empty where there is an administrator."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "caunoi.cli", "init", "--link", stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(home.CHECKOUT), "PYTHONUTF8": "1"},
    )  # fmt: skip
    told, _ = await process.communicate()
    return told.decode().strip() if process.returncode == 0 else ""


async def _is_ready(host: str, port: int) -> bool:
    try:
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(b"GET /health/ready HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
            return b" 200 " in await asyncio.wait_for(reader.readline(), 60)
        finally:
            writer.close()
    except (OSError, TimeoutError):
        return False


def _command(name: str, *words: str, files: Sequence[int] = ()) -> Child:
    command = [sys.executable, "-m", "caunoi.cli", *words]
    return Child(name=name, command=command, files=files, env={"PYTHONPATH": str(home.CHECKOUT), "PYTHONUTF8": "1"})


def _digest(folder: Path, steps: list[list[str]]) -> str:
    """Changes with what `migrate` and `demo` would do: the migrations, the packages, the database itself."""
    parts = [*(str(step) for step in steps), os.environ.get("CAUNOI_DEMO_DAY", "")]
    for path in sorted((home.CHECKOUT / "caunoi").glob("*/migrations/*.py")):
        parts.append(f"{path.parent.parent.name} {path.name} {path.stat().st_size}")
    made = [home.CHECKOUT / "requirements" / "base.lock", postgres.data(folder) / "PG_VERSION"]
    parts += [str(path.stat().st_mtime_ns) for path in made if path.exists()]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _exists(command: str) -> bool:
    return (Path(__file__).parent / f"{command}.py").exists()


def running_at(folder: Path) -> str:
    """The address of the product that runs with this home; empty where none does."""
    try:
        with open(folder / "up.lock") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return str(json.loads(lock.read())["address"])
    except (OSError, ValueError, KeyError):
        pass
    return ""


def _ours(lock: IO[str], where: str) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    lock.truncate(0)
    lock.write(json.dumps({"pid": os.getpid(), "address": where}))
    lock.flush()
    return True


_COLOURS = {"web": 36, "worker": 35, "database": 33}


def _say(name: str, line: str) -> None:
    head = f"{name:<8} | "
    if sys.stdout.isatty() and shutil.get_terminal_size().columns:
        head = f"\033[{_COLOURS.get(name.split()[0], 32)}m{head}\033[0m"
    print(f"{time.strftime('%H:%M:%S')} {head}{line}", flush=True)


def _text(lang: str, key: str, **values: object) -> str:
    return TEXTS[key][lang == "en"].format(**values)


def _refuse(message: str) -> int:
    print(message, file=sys.stderr, flush=True)
    return 1
