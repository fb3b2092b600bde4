"""Lints many diagrams at once: files and whole folders, in several processes."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

import click

import processes
from api.database import migrate
from engine import deployments, lint
from engine.db import Database
from engine.errors import Problem
from engine.lint import foreign

PATTERNS = ("*.bpmn", "*.bpmn20.xml", "*.bpmn2")
#: fewer files than these are judged faster without other processes
_FEW = 8
_EVERY = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of one file."""

    path: Path
    foreign: bool
    problems: tuple[Problem, ...]

    @property
    def errors(self) -> int:
        return sum(one.severity == lint.ERROR for one in self.problems)


def files(paths: Iterable[Path]) -> list[Path]:
    """Return the files given, and the diagrams in the folders given, each once."""
    found: dict[Path, None] = {}
    for path in paths:
        inside = sorted(one for pattern in PATTERNS for one in path.rglob(pattern))
        found |= dict.fromkeys(one for one in inside if one.is_file())
        if not path.is_dir():
            found[path] = None
    return list(found)


def run(
    paths: Sequence[Path], *, as_foreign: bool, progress: Callable[[int], None] | None = None
) -> Iterator[Judged]:
    """Judge every file, in the order given."""
    one = partial(judge, as_foreign=as_foreign)
    if len(paths) < _FEW:
        yield from map(one, paths)
        return
    with ProcessPoolExecutor() as pool:
        for number, judged in enumerate(pool.map(one, paths, chunksize=8), 1):
            if progress is not None and (number % _EVERY == 0 or number == len(paths)):
                progress(number)
            yield judged


def judge(path: Path, *, as_foreign: bool) -> Judged:
    """Judge one file; a fault of ours is a line of that file and does not hide the others."""
    try:
        return _judged(path, as_foreign=as_foreign)
    except Exception as error:  # noqa: BLE001 — thousands of files: one must not end the run
        said = f"{type(error).__name__}: {error}"
        fault = Problem(rule="fault", element=path.name, line=None,
                        zh=f"检查时出错：{said}", en=f"the check failed: {said}")  # fmt: skip
        return Judged(path=path, foreign=as_foreign, problems=(fault,))


def _judged(path: Path, *, as_foreign: bool) -> Judged:
    body = path.read_bytes()
    shipped = path.resolve().is_relative_to(processes.ROOT)
    world = _world(shipped=shipped)
    others = as_foreign or (not shipped and foreign.is_foreign(body, world))
    if not others:
        return Judged(path=path, foreign=False, problems=tuple(lint.check(body, world=world)))
    found = lint.check(foreign.imported(body), world=world)
    return Judged(path=path, foreign=True, problems=foreign.soften(found))


@cache
def _world(*, shipped: bool) -> lint.World:
    """Return what is shipped beside our own diagrams; others know only the roles and handlers."""
    processes.register()
    database = Database("sqlite://")
    migrate(database)
    with database.begin() as session:
        if shipped:
            processes.deploy_all(session)
        return deployments.world(session)


def show_progress(total: int) -> Callable[[int], None] | None:
    """Return what shows the progress on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        return None
    return lambda number: click.echo(f"\r{number} / {total}", nl=number == total, err=True)
