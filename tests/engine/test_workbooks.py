"""What workbooks of every kind share: the uploaded is read with care, the written runs nothing."""

import io
import zipfile
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from engine import workbooks
from engine.errors import InvalidInputError
from processes.archive import workbooks as houses

TOO_MANY = InvalidInputError("一次最多两户。")


def book(*rows: tuple[Any, ...]) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.worksheets[0].append(row)
    return workbooks.saved(made)


def refusal(read: Any, body: bytes) -> str:
    with pytest.raises(InvalidInputError) as refused:
        read(body)
    return str(refused.value)


def test_rows_that_hold_nothing_are_left_out_and_the_others_keep_their_number():
    body = book(("房号", "业主"), (None, ""), ("3-2-1201", None))

    found = workbooks.lines(body, most_rows=3, too_many=TOO_MANY)

    assert [(number, values[:2]) for number, values in found] == [
        (1, ("房号", "业主")),
        (3, ("3-2-1201", None)),
    ]


def test_too_many_rows_are_refused_in_the_words_of_who_reads():
    body = book(("房号",), ("3-2-1201",), ("3-2-1202",))

    with pytest.raises(InvalidInputError) as refused:
        workbooks.lines(body, most_rows=2, too_many=TOO_MANY)

    assert refused.value is TOO_MANY


@pytest.mark.parametrize("typed", ["=1+1", "+86", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_what_a_spreadsheet_would_run_is_written_as_text(typed: str):
    assert workbooks.harmless(typed) == f"'{typed}"


@pytest.mark.parametrize(
    "value", [None, True, -3, 1.5, Decimal("-2.5"), date(2026, 11, 22), "张三"]
)
def test_what_runs_nothing_is_written_as_it_is(value: Any):
    assert workbooks.harmless(value) is value


def bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * (workbooks.MOST_UNPACKED + 1))
    return target.getvalue()


def entities() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("xl/workbook.xml", b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>')
    return target.getvalue()


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"", "读不出来"), (b"no workbook", "读不出来"), (b"PK\x03\x04 cut off", "读不出来"),
     (entities(), "读不出来"), (bomb(), "文件太大"), (b"0" * (workbooks.MOST_BYTES + 1), "文件太大")],
    ids=["empty", "text", "cut", "entities", "bomb", "large"],
)  # fmt: skip
def test_a_form_and_the_archive_refuse_the_same_files_in_the_same_words(body: bytes, told: str):
    """One guard stands before both; a file that one refuses does not get in by the other."""
    refused = refusal(houses.read, body)

    assert told in refused
    assert refused == refusal(lambda given: workbooks.read(given, most_rows=5), body)
