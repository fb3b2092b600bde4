"""The known differences between the browser's FEEL and ours, and the functions both share."""

from __future__ import annotations

import regex

#: rule → what a designer is told, in Chinese and English; docs/reference/feel.md has a row for each
RULES: dict[str, tuple[str, str]] = {
    "digits": (
        "数最多 15 位，不用指数写法：浏览器的数是双精度",
        "numbers have at most 15 digits and no exponent: the browser's numbers are doubles",
    ),
    "rounding": (
        "比较、取整或转成文字之前不能做带小数的运算：浏览器的双精度会有误差；请用整数（如分）或先存入字段",
        (
            "no arithmetic with decimals before comparing, rounding or writing: doubles round; use whole "
            "numbers or a field of its own"
        ),
    ),
    "power": (
        "表单里不能用 **：浏览器对负数和小数次方给出别的结果",
        "** can't be used in forms: the browser differs on negative and fractional powers",
    ),
    "temporal": (
        '表单里请写 date("2026-11-22")，不用 @"…"',
        'write date("2026-11-22") in forms instead of @"…"',
    ),
    "name": (
        "表单里的名称只能是一个词，且不能与内置函数同名",
        "names in forms are one word and no built-in's name",
    ),
    "structure": (
        "不能用 = 比较列表、对象或区间：浏览器把单项列表当作该项；请用 list contains",
        (
            "lists, contexts and ranges can't be compared by =: the browser takes a list of one for its "
            "item; use list contains"
        ),
    ),
    "order": (
        "大小比较只用于数和日期：文字的顺序两边不同",
        "only numbers and dates can be ordered: both sides order texts differently",
    ),
    "kinds": (
        "比较的两边种类不同（如文字与数）：浏览器会硬比，服务器得空值",
        "both sides of a comparison differ in kind, like text and number: the browser compares anyway",
    ),
    "chain": (
        "比较不能连写，如 a < b < c 或 (a > b) = true；请用 and、or、not 分开",
        "comparisons can't be chained, like a < b < c or (a > b) = true; part them by and, or, not",
    ),
    "negative": (
        "负号只能紧贴数字（如 -3）；其他请写 0 - x：浏览器先算负号后面的比较",
        "a minus sign stands only before a literal number, without space (-3); write 0 - x otherwise",
    ),
    "ends": (
        "between 的两端请写数字，小的在前",
        "between takes two literal numbers, the smaller first",
    ),
    "membership": (
        'in 后面请逐个写出两个以上的值，一个值用 =，如 in ("a", "b")；列表用 list contains，区间用比较',
        "after `in` write the values one by one; use list contains for lists, comparisons for ranges",
    ),
    "condition": (
        "if 的条件请写成比较，如 x = true：浏览器把任何非空值当作真",
        "write the condition of `if` as a comparison: the browser takes any value for true",
    ),
    "null in a loop": (
        "some/every 的条件可能为空：先写 x != null and …",
        "the condition of some/every may be null: write x != null and … first",
    ),
    "loop": (
        "循环请直接走一个列表，不用区间",
        "loops go through a list itself, not through a range",
    ),
    "filter": (
        "筛选请写成比较（如 [price > 10]）或固定的序号",
        "filter by a comparison, like [price > 10], or a literal index",
    ),
    "function": (
        "浏览器没有这个函数，或结果不同",
        "the browser lacks this function or differs on it",
    ),
    "named": (
        "表单里的参数按顺序写，不写名字",
        "arguments in forms are given by position",
    ),
    "arguments": (
        (
            "这个函数的参数在浏览器里可能有别的含义：位置写正整数，正则只用 [0-9]、字面字符和 * + ? {}，"
            "数先存入字段，日期写成 2026-11-22"
        ),
        (
            "these arguments may mean something else in the browser: positions are positive whole "
            "numbers, patterns use [0-9], plain characters and * + ? {}, dates are written 2026-11-22"
        ),
    ),
    "function literal": ("表单里不能定义函数", "functions can't be defined in forms"),
    "instance of": ("表单里不能用 instance of：浏览器不支持", "the browser lacks instance of"),
    "range": ("表单里不能用区间值；请用比较", "ranges can't be used in forms; use comparisons"),
    "test": (
        "显示条件请写成完整的表达式，不用 > 5 这样的单元格写法",
        "write conditions as whole expressions, not as cells like > 5",
    ),
}

#: Functions that both sides compute alike, with the kind of their result.
FUNCTIONS: dict[str, str] = {
    "not": "boolean",
    "contains": "boolean",
    "starts with": "boolean",
    "ends with": "boolean",
    "matches": "boolean",
    "list contains": "boolean",
    "all": "boolean",
    "any": "boolean",
    "odd": "boolean",
    "even": "boolean",
    "substring": "string",
    "substring before": "string",
    "substring after": "string",
    "string length": "number",
    "upper case": "string",
    "lower case": "string",
    "replace": "string",
    "split": "list",
    "string join": "string",
    "string": "string",
    "count": "number",
    "min": "number",
    "max": "number",
    "sum": "number",
    "mean": "number",
    "product": "number",
    "append": "list",
    "reverse": "list",
    "index of": "list",
    "distinct values": "list",
    "flatten": "list",
    "floor": "number",
    "ceiling": "number",
    "abs": "number",
    "modulo": "number",
    "sqrt": "number",
    "date": "date",
    "duration": "duration",
}

_SHARED = regex.compile(
    r"\^?(?:(?:[^\\\[\](){}.*+?^$|/\n\r]|\\[.*+?(){}\[\]|\\^$]|\[\^?(?:[^\\\[\]&~^-]-[^\\\[\]&~^-]|"
    r"[^\\\[\]&~^-])+\])(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})?)+\$?"
)


def pattern_is_shared(pattern: str) -> bool:
    """Whether JavaScript and XPath read a pattern alike, and it matches more than nothing."""
    if not _SHARED.fullmatch(pattern):
        return False
    return regex.search(pattern, "") is None
