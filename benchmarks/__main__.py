"""Run the benchmarks and print one JSON line a figure; exit 1 when a goal is missed."""

import importlib
import json
import pkgutil
import sys

import benchmarks


def main(only: list[str]) -> int:
    """Run the named benchmarks, or all of them."""
    names = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__))
    chosen = [n for n in names if not n.startswith("_") and (not only or n in only)]
    if not chosen:
        print(f"no benchmark is called {' '.join(only)}; there are: {', '.join(names)}",
              file=sys.stderr)  # fmt: skip
        return 2
    missed = False
    for name in chosen:
        for figure in importlib.import_module(f"benchmarks.{name}").figures():
            print(json.dumps(figure, ensure_ascii=False), flush=True)
            missed |= figure.get("met") is False
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
