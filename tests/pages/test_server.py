"""What a web process has ready before it takes its first request."""

from api import server
from tests.browser.house import House


def test_the_pages_of_every_day_are_compiled_before_anybody_asks(house: House):
    pages = house.app.jinja_env
    pages.cache.clear()

    server._read_templates(house.app)

    compiled = {name for _, name in pages.cache}
    assert compiled > server._EVERY_DAY
    assert "parts/task.html" in compiled
