"""Walks many random sound diagrams: `python -m tests.engine.spiff.walking [WALKS] [FIRST_SEED]`.

Every walk saves, loads and compacts the instance at each step and compares it with one that stays
in memory. Prints one line a failure, then the figures; exit 1 when a walk failed.
"""

import sys
import time
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.engine.spiff.sound import Artist
from tests.engine.spiff.test_sound import walk

_BLOCK = 50


def block(first: int, count: int) -> tuple[Counter[str], list[str]]:
    """Walk some seeds; return in how many diagrams each kind of element was, and what failed."""
    kinds: Counter[str] = Counter()
    failed = []
    for seed in range(first, first + count):
        artist = Artist(seed)
        text = artist.draw()
        kinds.update(artist.kinds)
        try:
            walk(seed)
        except BaseException as error:  # noqa: BLE001 — whatever a walk ends in is a line of the result
            failed.append(f"seed {seed}: {type(error).__name__}: {error}\n{text}")
    return kinds, failed


def main(arguments: list[str]) -> int:
    """Walk and print the figures."""
    walks = int(arguments[0]) if arguments else 10_000
    first = int(arguments[1]) if len(arguments) > 1 else 0
    started = time.monotonic()
    kinds: Counter[str] = Counter()
    failed: list[str] = []
    blocks = [(at, min(_BLOCK, first + walks - at)) for at in range(first, first + walks, _BLOCK)]
    with ProcessPoolExecutor() as pool:
        for number, (found, wrong) in enumerate(pool.map(block, *zip(*blocks, strict=True)), 1):
            kinds += found
            failed += wrong
            for one in wrong:
                print(one)
            if sys.stderr.isatty():
                print(f"\r{number * _BLOCK} of {walks}", end="", file=sys.stderr)
    print(
        f"{walks} walks from seed {first}, {len(kinds)} kinds of elements, {len(failed)} failed,"
        f" {time.monotonic() - started:.0f} s"
    )
    for kind, count in sorted(kinds.items()):
        if kind != "}":
            print(f"{count:6} {kind}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
