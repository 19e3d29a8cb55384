"""How fast this machine is at this moment, so that a budget of CPU holds on a quick one and on a slow one."""

import json
import re
from time import process_time


def _work() -> int:
    rows = [{"n": n, "words": f"Đèn đường số {n} hư, gọi 09{n:08}"} for n in range(4000)]
    text = json.dumps(rows, ensure_ascii=False)
    counts: dict[str, int] = {}
    for row in json.loads(text):
        for word in row["words"].casefold().split():
            counts[word] = counts.get(word, 0) + 1
    return len(re.findall(r"09\d{8}", text)) + len(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def yardstick() -> float:
    """The least CPU seconds, of five tries, for a fixed piece of work like the demo's: 0.065 where `make bench` took
    its figures of November 2026, 0.11 on a slow day."""
    tries = []
    for _ in range(5):
        began = process_time()
        for _ in range(10):
            _work()
        tries.append(process_time() - began)
    return min(tries)
