"""The columns of the sheet of rooms and owners: headings, what a cell may hold, how it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any


class WrongCellError(ValueError):
    """A cell holds what its column doesn't take; says so in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh)
        self.zh, self.en = zh, en


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its headings, whether every row needs it, how a cell is read and explained."""

    key: str
    zh: str
    en: str
    read: Callable[[Any], Any]
    required: bool = False
    hint_zh: str
    hint_en: str
    choices: tuple[str, ...] = ()
    example: Any = ""


#: words of the sheet -> codes of the rows
PROPERTY_TYPES: Mapping[str, str] = {
    "住宅": "residence", "商业": "shop", "办公": "office", "写字楼": "tower", "工业": "industry",
    "公建": "public",
}  # fmt: skip
USES: Mapping[str, str] = {"自住": "live", "出租": "rent", "空置": "empty"}
KINDS: Mapping[str, str] = {"业主": "owner", "租客": "tenant", "其他使用人": "user"}
YES_NO: Mapping[str, bool] = {"是": True, "否": False}
_ENGLISH: Mapping[str, Any] = {"yes": True, "no": False}
_PLACE = re.compile(r"[0-9A-Za-z\u4e00-\u9fff]{1,10}")
_PHONE = re.compile(r"\+?\d[\d -]{5,18}\d")
_LOWEST, _HIGHEST, _LARGEST = -9, 200, 1_000_000
_LONGEST_NAME = 60
_DATE = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")


def text(value: Any) -> str:
    """Return a cell as people see it: a whole number has no point, blanks around go."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    found = str(value).strip()
    # what this product writes keeps formulas from running by a quotation mark in front
    return found[1:] if found[:1] == "'" and found[1:2] in ("=", "+", "-", "@") else found


def _place(ending: str) -> Callable[[Any], str]:
    def read(value: Any) -> str:
        found = re.sub(f"({ending})$", "", text(value)).strip()
        if not _PLACE.fullmatch(found):
            raise WrongCellError(
                "写数字或字母，最多 10 个字。", "Write figures or letters, at most ten."
            )
        return found

    return read


def _floor(value: Any) -> int:
    found = text(value).removesuffix("层").removesuffix("楼").strip()
    if not re.fullmatch(r"-?\d{1,3}", found) or not _LOWEST <= int(found) <= _HIGHEST:
        raise WrongCellError(
            f"写 {_LOWEST} 到 {_HIGHEST} 的整数。",
            f"Write a whole number from {_LOWEST} to {_HIGHEST}.",
        )
    return int(found)


def _area(value: Any) -> int:
    """Read square metres; return hundredths of one."""
    try:
        found = Decimal(text(value).removesuffix("㎡").removesuffix("平方米").strip())
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 < found < _LARGEST:
        raise WrongCellError(
            "写大于 0 的数，单位平方米。", "Write square metres, a number above 0."
        )
    return int((found * 100).to_integral_value())


def _choice(words: Mapping[str, Any]) -> Callable[[Any], Any]:
    codes = {str(code): code for code in words.values()}

    def read(value: Any) -> Any:
        found = text(value)
        if found in words:
            return words[found]
        if found.lower() in codes:
            return codes[found.lower()]
        if words is YES_NO and found.lower() in _ENGLISH:
            return _ENGLISH[found.lower()]
        raise WrongCellError(f"只能写：{'、'.join(words)}。", f"Write one of: {', '.join(codes)}.")

    return read


def _name(value: Any) -> str:
    found = " ".join(text(value).split())
    if len(found) > _LONGEST_NAME or not found.isprintable():
        raise WrongCellError(f"最多 {_LONGEST_NAME} 个字。", f"At most {_LONGEST_NAME} letters.")
    return found


def phone(value: Any) -> str:
    """Read a telephone number; blanks and dashes in it stay."""
    found = text(value)
    digits = re.sub(r"\D", "", found)
    mobile = len(digits) == 11 and digits.startswith("1")  # noqa: PLR2004 — a mobile number
    if not _PHONE.fullmatch(found) or (digits[:1] == "1" and len(digits) > 5 and not mobile):  # noqa: PLR2004
        raise WrongCellError(
            "写 11 位手机号，或带区号的固定电话。",
            "Write a mobile number of 11 figures or a number with its area code.",
        )
    return digits if mobile else found


def day(value: Any) -> date:
    """Read a day: a date of the spreadsheet, or 2026-03-01, 2026/3/1, 2026年3月1日."""
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        found = _DATE.fullmatch(text(value))
        year, month, number = map(int, found.groups()) if found else (0, 0, 0)
        return date(year, month, number)
    except ValueError:
        raise WrongCellError("写成 2026-03-01 的形式。", "Write a date like 2026-03-01.") from None


COLUMNS: tuple[Column, ...] = (
    Column(key="building", zh="楼栋", en="Building", read=_place("号楼|栋|幢|座"), required=True,
           hint_zh="3 或 3栋", hint_en="3", example="3"),
    Column(key="unit", zh="单元", en="Unit", read=_place("单元"), required=True,
           hint_zh="2 或 2单元；没有单元写 1", hint_en="2; 1 where there are no units", example="2"),
    Column(key="floor", zh="楼层", en="Floor", read=_floor, required=True,
           hint_zh="整数，地下写负数", hint_en="whole number, below ground negative", example=12),
    Column(key="door", zh="房号", en="Door", read=_place("室|号|房"), required=True,
           hint_zh="1201；系统里的房号是 楼栋-单元-房号", hint_en="1201", example="1201"),
    Column(key="area", zh="建筑面积", en="Area", read=_area, required=True,
           hint_zh="平方米，最多两位小数", hint_en="square metres", example=89.12),
    Column(key="property_type", zh="物业类型", en="Property type", read=_choice(PROPERTY_TYPES),
           hint_zh="不写按住宅", hint_en="residence when empty", choices=tuple(PROPERTY_TYPES),
           example="住宅"),
    Column(key="use", zh="使用状况", en="Use", read=_choice(USES), choices=tuple(USES),
           hint_zh="不写按自住", hint_en="live when empty", example="自住"),
    Column(key="name", zh="姓名", en="Name", read=_name,
           hint_zh="空着只导入房屋；一户几个人就写几行", hint_en="one line a person; empty: the room alone",
           example="周明"),
    Column(key="phone", zh="电话", en="Telephone", read=phone,
           hint_zh="手机号，或带区号的固定电话", hint_en="with its area code", example="13800000001"),
    Column(key="kind", zh="身份", en="Title", read=_choice(KINDS), choices=tuple(KINDS),
           hint_zh="不写按业主", hint_en="owner when empty", example="业主"),
    Column(key="from_on", zh="起始日期", en="From", read=day,
           hint_zh="2026-03-01", hint_en="2026-03-01", example="2021-03-01"),
    Column(key="to_on", zh="截止日期", en="To", read=day,
           hint_zh="已经搬走的写搬走的日子", hint_en="the day they moved out", example=""),
    Column(key="vulnerable", zh="优先照顾", en="Served first", read=_choice(YES_NO),
           hint_zh="老弱病残孕家庭写是", hint_en="yes for elderly, ill, disabled, expecting",
           choices=tuple(YES_NO), example="否"),
)  # fmt: skip
BY_KEY: Mapping[str, Column] = {column.key: column for column in COLUMNS}
#: what the sheet calls a column, in either language
HEADINGS: Mapping[str, Column] = {
    heading.casefold(): column for column in COLUMNS for heading in (column.zh, column.en)
}
