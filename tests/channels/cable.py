"""The line between us and a server: it can be cut after so many bytes, or go silent without a word."""

import socket
import threading
from contextlib import suppress


class Cable:
    """Forwards a free port to `port`. After `cut` bytes from the server the connection ends (once); `silence` swallows
    everything of the connections there are, in both directions, as a router does that has forgotten them."""

    def __init__(self, port: int) -> None:
        self.far = port
        self.cut: int | None = None
        self.silent: set[int] = set()
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.listener.getsockname()[1])
        self.sockets: list[socket.socket] = [self.listener]
        self._start(self._accept)

    def _start(self, what, *args) -> None:
        threading.Thread(target=what, args=args, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                self.connections += 1
                try:
                    far = socket.create_connection(("127.0.0.1", self.far))
                except OSError:
                    near.close()
                    continue
                self.sockets += [near, far]
                self._start(self._forward, near, far, self.connections, False)
                self._start(self._forward, far, near, self.connections, True)

    def _forward(self, source: socket.socket, target: socket.socket, number: int, counts: bool) -> None:
        with suppress(OSError):
            while data := source.recv(4096):
                if number in self.silent:
                    continue
                if counts and self.cut is not None:
                    data, self.cut = data[: self.cut], self.cut - len(data)
                    target.sendall(data)
                    if self.cut <= 0:
                        self.cut = None
                        break
                    continue
                target.sendall(data)
        for sock in (source, target):
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def silence(self) -> None:
        self.silent = set(range(self.connections + 1))

    def close(self) -> None:
        for sock in self.sockets:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()
