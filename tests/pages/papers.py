"""Cases with photos and signatures, for the tests of sheets."""

import io
from pathlib import Path
from typing import Any

import yaml
from PIL import Image, ImageDraw
from sqlalchemy import select, update

import processes
from api.pages import files
from engine import clock, ids
from engine.models import File, Instance, Task
from engine.ports import COMPANY
from engine.testing import walk
from tests.browser.house import ROOMS, House

PROCESSES = Path(processes.__file__).parent
REPAIR = (
    ("R1_intake", "cs_assistant"), ("R2_dispatch", "eng_dispatch"), ("R3_accept", "eng_worker"),
    ("R4_arrive", "eng_worker"), ("R5_quote", "eng_worker"), ("R7_finish", "eng_worker"),
)  # fmt: skip
MOVE_IN = (
    ("M0_arrive", "cs_assistant"), ("M1_verify", "cs_assistant"), ("M2_sign", "cs_assistant"),
    ("M3_fees", "cashier"), ("M4_inspect", "eng_worker"), ("M6_accept", "cs_assistant"),
    ("M7_handover", "cs_assistant"),
)  # fmt: skip


def picture(house: House, colour: str, *, size: tuple[int, int] = (800, 600)) -> str:
    """Keep a picture as if somebody had just sent it; return its key."""
    drawn, target = Image.new("RGB", size, colour), io.BytesIO()
    ImageDraw.Draw(drawn).line((40, 60, size[0] - 40, size[1] - 60), fill="white", width=20)
    drawn.save(target, "JPEG")
    digest = files.store(house.app.config["SETTINGS"].files, target.getvalue())
    row = File(
        key=ids.new(), tenant_id=COMPANY, hash=digest, name="photo.jpg", media_type="image/jpeg",
        size=len(target.getvalue()), instance_key=None, by=1, at=clock.now(),
    )  # fmt: skip
    with house.database.begin() as session:
        session.add(row)
        return str(row.key)


def repair(house: House, *, until: str = "R7_finish", at: str = "2026-11-23T09:00+08:00") -> int:
    """Walk a paid repair with photos before and after, and the customer's signature."""
    keys = {name: picture(house, colour) for name, colour in
            (("before", "firebrick"), ("after", "seagreen"), ("sign", "navy"), ("consent", "purple"))}  # fmt: skip
    values = {
        "R4_arrive": {"photo_before": [keys["before"]]},
        "R5_quote": {"consent_sign": keys["consent"]},
        "R7_finish": {
            "started_at": "@now-PT5M",
            "photo_after": [keys["after"]],
            "customer_sign": keys["sign"],
        },
    }
    return _walked(house, "repair", REPAIR, until=until, at=at, values=values, keys=keys)


def move_in(house: House, *, until: str = "M7_handover", at: str = "2026-11-23T09:00+08:00") -> int:
    """Walk a move-in without defects up to the keys."""
    keys = {name: picture(house, "navy") for name in ("customer", "staff", "keys")}
    values = {
        "M2_sign": {"customer_sign": keys["customer"]},
        "M4_inspect": {"customer_sign": keys["customer"]},
        "M6_accept": {"customer_sign": keys["customer"], "staff_sign": keys["staff"]},
        "M7_handover": {"customer_sign": keys["keys"]},
    }
    return _walked(house, "move_in", MOVE_IN, until=until, at=at, values=values, keys=keys)


def batch(
    house: House, households: list[Any], *, at: str = "2026-11-23T09:00+08:00"
) -> tuple[int, int]:
    """Hand in the list of a batch of households; return the case and the task."""
    path = (("P0_batch", "cs_manager"),)
    values = {"P0_batch": {"households": households}}
    case = _walked(house, "move_in_prep", path, until="P0_batch", at=at, values=values, keys={})
    with house.database.read() as session:
        query = select(Task.key).where(Task.root_key == case, Task.element == "P0_batch")
        return case, session.scalars(query).one()


def _walked(
    house: House, process: str, path: Any, *, until: str, at: str, values: Any, keys: Any
) -> int:
    names = [name for name, _ in path]
    steps = [
        {"do": name, "by": by, "after": "PT10M", "values": values.get(name, {})}
        for name, by in path[: names.index(until) + 1]
    ]
    samples = PROCESSES / process / "scenarios/_samples.yaml"
    with house._at_work:
        outcome = walk(
            {"title": "", "process": process, "tenant": "yj", "at": at, "by": path[0][1],
             "samples": yaml.safe_load(samples.read_text("utf-8")), "steps": steps},
            house.database, names={"room": "1201", **{f"room{k}": str(k) for k in ROOMS}},
        )  # fmt: skip
    assert outcome.difference is None, outcome.difference
    with house.database.begin() as session:
        root = session.get_one(Instance, outcome.instance_key)
        session.execute(
            update(File).where(File.key.in_([int(key) for key in keys.values()]))
            .values(instance_key=root.key, tenant_id=root.tenant_id)
        )  # fmt: skip
    return outcome.instance_key
