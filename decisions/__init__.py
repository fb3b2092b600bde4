"""What the rules say: FEEL expressions and DMN decisions, evaluated exactly.

Knows the DMN 1.2–1.5 specification and nothing of processes, forms, databases or pages. Outside
the standard library it uses lxml (hardened) to read XML and `regex` (with a time-out) to match.
"""

from decisions import dmn, feel

__all__ = ["dmn", "feel"]
