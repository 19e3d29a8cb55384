"""What this process remembers of counts: whom to refuse without asking the database, and, while that is away, the
counts themselves. Bounded, for any number of strangers. Pure."""

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

MOST = 20_000  # subjects; of more, those that were seen longest ago are forgotten


@dataclass
class Window:
    """How often, and until when it counts (in seconds of a monotonic clock). Of a share: how often it may still be
    taken, and what is `left` beside it."""

    hits: int
    until: float
    left: int = 0


class Memory:
    """Windows by subject."""

    def __init__(self, most: int = MOST) -> None:
        self.most = most
        self._windows: OrderedDict[bytes, Window] = OrderedDict()
        self._lock = Lock()

    def read(self, key: bytes, now: float) -> Window | None:
        with self._lock:
            window = self._windows.get(key)
            if window is not None and window.until <= now:
                del self._windows[key]
                return None
            return window

    def put(self, key: bytes, hits: int, until: float, left: int = 0) -> None:
        with self._lock:
            self._windows[key] = Window(hits, until, left)
            self._windows.move_to_end(key)
            if len(self._windows) > self.most:
                self._windows.popitem(last=False)

    def add(self, key: bytes, seconds: float, now: float, hits: int = 1) -> Window:
        """Count it here, in a window that begins with the first."""
        window = self.read(key, now) or Window(0, now + seconds)
        self.put(key, window.hits + hits, window.until)
        return Window(window.hits + hits, window.until)

    def clear(self) -> None:
        with self._lock:
            self._windows.clear()

    def __len__(self) -> int:
        return len(self._windows)
