"""A socket at which nobody new gets through for a while."""

import signal
import socket
import subprocess
import sys
import threading
import time

from caunoi.host.handover import unheard


def test_who_calls_meanwhile_is_answered_afterwards_and_who_is_connected_notices_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = listening.getsockname()
        answered: list[float] = []

        def serve() -> None:
            for _turn in range(4):
                connection, _peer = listening.accept()
                with connection:
                    connection.sendall(connection.recv(1))
                    answered.append(time.monotonic())

        def call() -> None:
            with socket.create_connection(address, timeout=30) as connection:
                connection.sendall(b"x")
                assert connection.recv(1) == b"x"

        server = threading.Thread(target=serve, daemon=True)
        server.start()
        kept = socket.create_connection(address)
        callers = [threading.Thread(target=call) for _number in range(3)]
        with unheard(listening, settle=0.1):
            for caller in callers:
                caller.start()
            kept.sendall(b"y")
            assert kept.recv(1) == b"y"
            time.sleep(0.3)
            assert len(answered) == 1
            end = time.monotonic()
        for thread in [*callers, server]:
            thread.join(30)
        assert len(answered) == 4
        assert min(answered[1:]) >= end
        kept.close()


ENDED_WITHIN = """
import os, signal, socket, sys
from caunoi.host.handover import unheard
with unheard(socket.socket(fileno=int(sys.argv[1])), settle=0):
    os.kill(os.getpid(), signal.SIGTERM)
    print("within", flush=True)
"""


def test_who_ends_the_process_meanwhile_leaves_no_socket_deaf() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.set_inheritable(True)
        command = [sys.executable, "-c", ENDED_WITHIN, str(listening.fileno())]
        ended = subprocess.run(command, capture_output=True, text=True, pass_fds=[listening.fileno()], timeout=30)
        assert (ended.returncode, ended.stdout) == (-signal.SIGTERM, "within\n"), ended.stderr
        with socket.create_connection(listening.getsockname(), timeout=0.5):
            listening.accept()[0].close()
