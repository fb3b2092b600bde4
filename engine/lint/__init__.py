"""What may be deployed: the only linter, used by deployment, API, editor and command line.

What can't be run truly is said by `engine.spiff`; what makes no sense in this house, by the rules
here. Knows diagrams and the names around them; knows no database and no people.
"""

from engine import spiff
from engine.errors import Problem
from engine.lint import flow, habits, names, notation, references, standard, tokens
from engine.lint.rules import ERROR, RULES, WARNING, Findings
from engine.lint.tokens import waits_for_ever
from engine.lint.world import World

__all__ = ["ERROR", "RULES", "WARNING", "World", "check", "errors", "waits_for_ever"]

#: rules of files that are not read at all
_UNREADABLE = ("xml-", "not-bpmn")


def check(xml: bytes, *, world: World) -> tuple[Problem, ...]:
    """Return everything that is wrong with a diagram in this world, in the order of its lines."""
    model, refused = spiff.outline(xml)
    found = Findings()
    root = None
    if not any(one.rule.startswith(_UNREADABLE) for one in refused):
        root = standard.read(xml)
        standard.check(root, found)
        notation.check(root, found)
    for process in model.processes.values():
        references.check(process, world, found)
        habits.check(process, found)
        if not refused:
            flow.check(process, found)
            tokens.check(process, found)
            names.check(process, world, found)
    problems = dict.fromkeys(
        one if one.element or root is None else notation.named(one, root)
        for one in (*refused, *found.problems)
    )
    return tuple(sorted(problems, key=lambda one: (one.line or 0, one.severity != ERROR)))


def errors(xml: bytes, *, world: World) -> tuple[Problem, ...]:
    """Return only what keeps a diagram from being deployed."""
    return tuple(one for one in check(xml, world=world) if one.severity == ERROR)
