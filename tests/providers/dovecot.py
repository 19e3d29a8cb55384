"""A real IMAP server, Debian's dovecot, in a folder of its own on free ports, run by an ordinary account (by nobody
when the tests are run by root)."""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin:/usr/bin")
IMAP = Path("/usr/lib/dovecot/imap")
PASSWORD = "mật khẩu demo"
CONFIGURATION = """
dovecot_config_version = 2.4.0
dovecot_storage_version = 2.4.0
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
protocols {{
  imap = yes
}}
listen = 127.0.0.1
ssl = yes
ssl_server_cert_file = {home}/cert.pem
ssl_server_key_file = {home}/key.pem
auth_allow_cleartext = yes
auth_failure_delay = 0
mail_driver = maildir
mail_path = {home}/mail/%{{user}}
mail_uid = {uid}
mail_gid = {gid}
first_valid_uid = 1
{more}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
passdb static {{
  password = {password}
}}
userdb static {{
  fields {{
    uid = {uid}
    gid = {gid}
    home = {home}/homes/%{{user}}
  }}
}}
"""


def _tied() -> None:
    """Ends with who started it (prctl PR_SET_PDEATHSIG)."""
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dovecot:
    """The server. `mailbox` is the Maildir of its only user."""

    user = "demo@tinh.example"

    def __init__(self, more: str = "") -> None:
        account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.account = account
        self.home = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))  # a short path for its sockets
        self.port, self.tls_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self._certify()
        import_group = _group(account.pw_gid)
        self.file = self.home / "dovecot.conf"
        self.file.write_text(
            CONFIGURATION.format(
                home=self.home,
                user=account.pw_name,
                group=import_group,
                uid=account.pw_uid,
                gid=account.pw_gid,
                port=self.port,
                tls_port=self.tls_port,
                password=PASSWORD,
                more=more,
            )
        )
        for name in ("run", "state", "mail", "homes"):
            (self.home / name).mkdir()
        if os.geteuid() == 0:
            for path in (self.home, *self.home.rglob("*")):
                os.chown(path, account.pw_uid, account.pw_gid)
        self.count = 0

    def said(self, words: str, *, at_least: int = 0) -> int:
        """How often its log says this; the log is another process's, so up to five seconds are given to it."""
        end = time.monotonic() + 5
        while (count := (self.home / "log").read_text().count(words)) < at_least and time.monotonic() < end:
            time.sleep(0.02)
        return count

    def _certify(self) -> None:
        subprocess.run(
            [
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
                "-keyout",
                self.home / "key.pem",
                "-out",
                self.home / "cert.pem",
                "-days",
                "30",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,IP:127.0.0.1",
            ],
            check=True,
            capture_output=True,
        )

    @property
    def certificate(self) -> str:
        return (self.home / "cert.pem").read_text()

    @property
    def mailbox(self) -> Path:
        return self.home / "mail" / self.user

    def settings(self, *, smtp_port: int) -> dict[str, Any]:
        """What the form of a mailbox asks about it, and about the server at this machine that sends for it."""
        return {
            "address": self.user,
            "imap_host": "127.0.0.1",
            "imap_port": self.port,
            "imap_security": "plain",
            "imap_user": self.user,
            "smtp_host": "127.0.0.1",
            "smtp_port": smtp_port,
            "smtp_security": "plain",
            "smtp_user": "-",
        }

    def secrets(self) -> dict[str, str]:
        return {"password": PASSWORD}

    def start(self) -> "Dovecot":
        root = os.geteuid() == 0
        self.process = subprocess.Popen(
            [str(PROGRAM), "-F", "-c", str(self.file)],
            user=self.account.pw_uid if root else None,
            group=self.account.pw_gid if root else None,
            extra_groups=[] if root else None,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
            preexec_fn=_tied,
        )
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"dovecot ends: {self.process.stderr.read().decode()}")  # type: ignore[union-attr]
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1) as sock:
                    if sock.recv(4) == b"* OK":
                        return self
            except OSError:
                pass
            time.sleep(0.02)
        raise RuntimeError(f"dovecot does not answer: {(self.home / 'log').read_text()[-2000:]}")

    def stop(self, sign: int = signal.SIGTERM) -> None:
        """End the server with all its processes."""
        if self.process is None:
            return
        os.killpg(self.process.pid, sign)
        self.process.wait(10)
        self.process.stderr.close()  # type: ignore[union-attr]
        self.process = None

    def clear(self) -> None:
        """An empty mailbox, as new."""
        shutil.rmtree(self.mailbox, ignore_errors=True)
        shutil.rmtree(self.home / "homes" / self.user, ignore_errors=True)

    def deliver(self, mail: bytes, *, at: float | None = None) -> None:
        """Put a mail into the mailbox as a delivering server does."""
        self.count += 1
        for name in ("new", "tmp", "cur"):
            self._folder(self.mailbox / name)
        name = f"{int(time.time())}.M{self.count:06}P{os.getpid()}.demo"
        path = self.mailbox / "tmp" / name
        path.write_bytes(mail)
        path.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(path, self.account.pw_uid, self.account.pw_gid)
        if at is not None:
            os.utime(path, (at, at))
        path.rename(self.mailbox / "new" / name)

    def _folder(self, path: Path) -> None:
        if path.exists():
            return
        path.mkdir(parents=True)
        if os.geteuid() == 0:
            for one in (path, self.mailbox):
                os.chown(one, self.account.pw_uid, self.account.pw_gid)

    def new_validity(self) -> None:
        """Forget which UIDs were given, as after a restore: the server gives new ones under another UIDVALIDITY."""
        for path in self.mailbox.glob("dovecot*"):
            path.unlink()
        for path in (*(self.mailbox / "cur").iterdir(), *(self.mailbox / "new").iterdir()):
            path.touch()


def _group(gid: int) -> str:
    with open("/etc/group") as file:
        return next(line.split(":")[0] for line in file if line.split(":")[2] == str(gid))
