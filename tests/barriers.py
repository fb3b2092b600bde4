"""What keeps people out of a page, as axe finds it in a real browser."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

_AXE = Axe().axe_script
_LOOK = "options => axe.run(document, options).then(found => found.violations)"


def serious(page: Page, **options: Any) -> list[tuple[str, list[str]]]:
    """Return what axe calls serious or critical: the rule, and each place with what to mend.

    Only violations are worked out and sent: all that passed would take three times as long.
    """
    if page.evaluate("typeof axe === 'undefined'"):
        page.evaluate(_AXE)
    found = page.evaluate(_LOOK, {"resultTypes": ["violations"], **options})
    return [
        (
            one["id"],
            [str(node["target"]) + (node.get("failureSummary") or "") for node in one["nodes"]],
        )
        for one in found
        if one["impact"] in {"serious", "critical"}
    ]
