"""Turns expressions and timers of other engines into FEEL and ISO 8601, as far as both can say it.

What can't be said becomes a variable that is still to be given: the lint tells of it. Pure.
"""

import re

from decisions import feel as language

_WRAPPED = re.compile(r"[$#]\{(.*)\}", re.DOTALL)
_INSIDE = re.compile(r"[$#]\{([^{}]*)\}")
_OPERATORS = (
    (re.compile(r"^\s*return\s+(.*?);?\s*$", re.DOTALL), r"\1"),
    (re.compile(r"\b(?:execution\.)?getVariable\(\s*['\"]([\w.]+)['\"]\s*\)"), r"\1"),
    (re.compile(r"\bnrOf(Completed|Active|)Instances\b"), r"numberOf\1Instances"),
    (re.compile(r"!=="), "!="), (re.compile(r"===?"), "="),
    (re.compile(r"&&"), " and "), (re.compile(r"\|\|"), " or "),
    (re.compile(r"\beq\b"), "="), (re.compile(r"\bne\b"), "!="), (re.compile(r"\bgt\b"), ">"),
    (re.compile(r"\blt\b"), "<"), (re.compile(r"\bge\b"), ">="), (re.compile(r"\ble\b"), "<="),
    (re.compile(r"!\s*([\w.]+)(?!\s*[=\w.(])"), r"not(\1)"),
    (re.compile(r"\bnot\s+([\w.]+)(?![\w.(])"), r"not(\1)"),
    (re.compile(r"'([^']*)'"), r'"\1"'),
    (re.compile(r"\bTrue\b"), "true"), (re.compile(r"\bFalse\b"), "false"),
    (re.compile(r"\bNone\b"), "null"),
    (re.compile(r"^([^?:\"]+)\?([^?:\"]+):([^?:\"]+)$"), r"if \1 then \2 else \3"),
)  # fmt: skip
#: functions that Camunda adds to FEEL, with simple arguments, as the standard says them
_CAMUNDA = (
    (re.compile(r"\bis defined\(([^()]*)\)"), r"(\1 != null)"),
    (re.compile(r"\bis empty\(([^()]*)\)"), r"(count(\1) = 0)"),
    (re.compile(r"\bis blank\(([^()]*)\)"), r'(matches(\1, "^\\s*$"))'),
    (re.compile(r"\bget or else\(([^(),]*),([^(),]*)\)"), r"(if \1 != null then \1 else\2)"),
)
_QUOTED = re.compile(r"""^=?\s*(["'])([^"']*)\1$""")
_SHORT = re.compile(r"(\d+)(ms|s|m|h|d)")
_UNITS = {"s": "PT{}S", "m": "PT{}M", "h": "PT{}H", "d": "P{}D"}
_SPAN = re.compile(r"timedelta\((day|hour|minute|second)s=(\d+)\)")
_STEP = re.compile(r"(?:\*|0)/(\d+)")
_EVERY = frozenset({"*", "?", "1/1", "0/1", "*/1"})


def feel(text: str) -> str:
    """Turn `${…}` into FEEL where it is plain; other text stays as it is."""
    match = _WRAPPED.fullmatch(text.strip())
    if match is None or "}" in match[1]:
        return text.strip()
    inner = match[1].strip()
    for pattern, better in _OPERATORS:
        inner = pattern.sub(better, inner)
    return f"={inner.strip()}"


def standard(text: str) -> str:
    """Say what Camunda adds to FEEL in the words of the standard; plain text stays as it is."""
    if text.lstrip().startswith("="):
        for pattern, better in _CAMUNDA:
            text = pattern.sub(better, text)
    return text


def said(text: str, name: str) -> tuple[str, bool]:
    """Return the FEEL of a foreign expression, or a variable of this name where there is none."""
    turned = feel(standard(text))
    if not turned.startswith("=") or turned == text.strip():
        return turned, True
    try:
        language.compile(turned[1:])
    except language.FeelError:
        return "=" + re.sub(r"\W+", "_", name), False
    return turned, True


def composed(text: str) -> str:
    """Turn a text with `${…}` in it into one expression."""
    parts = _INSIDE.split(text)
    if len(parts) == 1 or _WRAPPED.fullmatch(text.strip()):
        return feel(text)
    turned = [
        f"string({feel(f'${{{part}}}')[1:]})" if odd % 2 else f'"{part}"'
        for odd, part in enumerate(parts) if part
    ]  # fmt: skip
    return "=" + " + ".join(turned)


def timer(text: str, kind: str) -> str:
    """Return a timer's text in ISO 8601: quotes, `5m` and intervals of cron are turned."""
    plain = text.strip()
    if quoted := _QUOTED.fullmatch(plain):
        plain = quoted[2]
    if short := _SHORT.fullmatch(plain.partition("###")[2] or plain):
        number, unit = int(short[1]), short[2]
        every = f"PT{number / 1000:g}S" if unit == "ms" else _UNITS[unit].format(number)
        return f"R/{every}" if kind == "timeCycle" else every
    if span := _SPAN.fullmatch(plain):
        return _UNITS[span[1][0]].format(span[2])
    return _interval(plain) if kind == "timeCycle" else plain


def _interval(text: str) -> str:
    """Turn a cron text that only says "every so often" into an interval."""
    fields = text.split()
    if len(fields) in {6, 7}:
        units = "smh"
    elif len(fields) == 5:  # noqa: PLR2004 — minute, hour, day, month, weekday
        units = "mh"
    else:
        return text
    steps = [_STEP.fullmatch(field) for field in fields]
    for at, unit in enumerate(units):
        step, rest = steps[at], fields[at + 1 :]
        before = fields[:at]
        if fields[at] in _EVERY and all(one == "0" for one in before):
            number = 1
        elif step and all(one == "0" for one in before):
            number = int(step[1])
        else:
            continue
        if all(one in _EVERY for one in rest):
            return f"R/{_UNITS[unit].format(number)}"
    return text
