"""Values that nobody reads in passing: how a stored one looks, and what is shown of it.

A field with the property `secret` holds such a value. Whoever keeps a submission encrypts it; a
stored value is `secret:<masked>:<key id>:<encrypted>`, so that it can be shown without the key.
"""

from typing import Any

PREFIX = "secret:"
#: stands for what is not shown; a submitted value that holds it stands for the one stored before
DOTS = "****…"
#: from how many characters on so many of the last ones are shown
_LONG, _SHORT = 12, 8


def is_stored(value: Any) -> bool:
    """Tell whether a value is one that was encrypted."""
    return isinstance(value, str) and value.startswith(PREFIX)


def mask(text: str) -> str:
    """Return what everybody may see of a value: 1****…0018."""
    if len(text) < _SHORT:
        return DOTS
    return f"{text[0]}{DOTS}{text[-4 if len(text) >= _LONG else -2 :]}"


def masked(value: Any) -> Any:
    """Return what is shown of a stored value; a value in clear is masked, nothing stays nothing."""
    if not isinstance(value, str) or not value:
        return value
    return value.split(":", 2)[1] if is_stored(value) else mask(value)
