"""Makes a picture of a diagram as bpmn-js draws it: python -m docs.tools.picture IN.bpmn OUT.svg."""

import argparse
import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

_VIEWER = Path("web/node_modules/bpmn-js/dist/bpmn-navigated-viewer.production.min.js")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
_SHOW = """async (xml) => {
  document.body.innerHTML = '<div id="canvas" style="width:100vw;height:100vh"></div>';
  const viewer = new BpmnJS({ container: '#canvas' });
  const { warnings } = await viewer.importXML(xml);
  const { svg } = await viewer.saveSVG();
  const box = viewer.get('canvas').viewbox().inner;
  return { svg, warnings: warnings.map((one) => one.message || String(one)), width: box.width, height: box.height };
}"""


def main() -> None:
    """Read the arguments and write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("diagram", type=Path)
    parser.add_argument("picture", type=Path, help="ends in .svg or .png")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), headless=True, args=FLAGS
        )
        page = browser.new_page(device_scale_factor=1)
        draw(page, arguments.diagram.read_text(encoding="utf-8"), arguments.picture)
        browser.close()


def draw(page: Page, xml: str, picture: Path) -> None:
    """Show the diagram in the page and keep it as SVG or PNG, by the file's ending."""
    page.set_content("<!doctype html><html><body style='margin:0'></body></html>")
    page.add_script_tag(path=_VIEWER)
    shown = page.evaluate(_SHOW, xml)
    if shown["warnings"]:
        raise SystemExit("\n".join(shown["warnings"]))
    if picture.suffix == ".svg":
        picture.write_text(shown["svg"], encoding="utf-8")
        return
    page.set_viewport_size({"width": int(shown["width"]) + 40, "height": int(shown["height"]) + 40})
    page.set_content(f"<body style='margin:20px;background:white'>{shown['svg']}</body>")
    page.screenshot(path=picture)


if __name__ == "__main__":
    main()
