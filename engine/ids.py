"""Keys: 63-bit integers from one generator — milliseconds, node, counter (decision 16).

41 bits of milliseconds since 2020, 10 bits of node, 12 bits of counter: ordered by time,
unique over processes as long as their nodes differ. A node is the database's worker number.
"""

import hashlib
import os
import threading
import time

_EPOCH_MS = 1_577_836_800_000
_NODE_BITS, _COUNTER_BITS = 10, 12
_lock = threading.Lock()
_node = os.getpid() % (1 << _NODE_BITS)
_last = 0


def use_node(node: int) -> None:
    """Say which worker this process is; two processes on one database need two numbers."""
    global _node  # noqa: PLW0603 — one generator a process, set once at start
    _node = node % (1 << _NODE_BITS)


def new() -> int:
    """Return a key greater than every key this process gave before."""
    global _last  # noqa: PLW0603 — the generator's only state
    with _lock:
        tick = ((time.time_ns() // 1_000_000) - _EPOCH_MS) << _COUNTER_BITS
        _last = max(_last + 1, tick)
        high, low = _last >> _COUNTER_BITS, _last & ((1 << _COUNTER_BITS) - 1)
    return (high << (_NODE_BITS + _COUNTER_BITS)) | (_node << _COUNTER_BITS) | low


def derived(*parts: object) -> int:
    """Return the same key for the same parts: for things without a row of their own."""
    digest = hashlib.blake2b("\x1f".join(map(str, parts)).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
