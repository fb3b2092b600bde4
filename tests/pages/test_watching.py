"""What machines that watch over the product, and browsers that fetch its files, are given."""

import gzip

from tests.browser.house import House
from tests.pages.conftest import Client


class Clockwork:
    """Stands for a clockwork that has stopped: the one thing here that is not real."""

    def alive(self) -> bool:
        return False


def test_health_fails_when_the_clockwork_stands_still(house: House):
    client = house.app.test_client()
    assert client.get("/healthz").status_code == 200

    house.app.extensions["scheduler"] = Clockwork()
    try:
        answer = client.get("/healthz")
    finally:
        del house.app.extensions["scheduler"]

    assert answer.status_code == 503
    assert answer.json["checks"] == {"database": True, "clockwork": False}


def test_figures_are_for_this_machine_alone(house: House):
    client = house.app.test_client()

    assert b"wuyeflow_active_instances" in client.get("/metrics").data
    far = client.get("/metrics", environ_base={"REMOTE_ADDR": "10.0.0.7"})
    assert far.status_code == 404


def test_scripts_and_styles_come_packed_and_pages_do_not(house: House, signed_in: Client):
    headers = {"Accept-Encoding": "gzip"}

    style = house.app.test_client().get("/static/app.css?v=1", headers=headers, buffered=True)
    page = signed_in("yj-cs_manager").get("/", headers=headers)

    assert b".milestones" in gzip.decompress(style.data)
    assert "immutable" in style.headers["Cache-Control"]
    assert "Content-Encoding" not in page.headers


def test_an_unchanged_page_is_told_in_a_few_bytes(signed_in: Client, house: House):
    client = signed_in("yj-cs_manager")
    first = client.get("/live")

    again = client.get("/live", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")

    house.case(at="2026-11-23T10:00+08:00")
    assert client.get("/live", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200
