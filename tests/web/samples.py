"""Forms that use every kind of field, for the stage."""

import html
import json
from typing import Any

NARROW = {"columns": 8}


def component(kind: str, key: str, label: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "id": f"Field_{key}", "key": key, "label": label, **more}


REPLY = {
    "type": "default",
    "id": "complaint-T6_reply",
    "name": "答复业主",
    "schemaVersion": 19,
    "properties": {"name_en": "Reply to owner"},
    "components": [
        component(
            "radio",
            "reply_by",
            "答复方式",
            values=[
                {"label": label, "value": value}
                for value, label in [
                    ("phone", "电话"),
                    ("visit", "走访"),
                    ("letter", "信函"),
                    ("mail", "邮件"),
                    ("message", "消息"),
                ]
            ],
            validate={"required": True},
            properties={
                "label_en": "By",
                "options_en": "phone=Telephone; visit=Visit; letter=Letter; mail=Mail; message=Message",
            },
        ),
        component(
            "datetime",
            "replied_at",
            "",
            subtype="datetime",
            dateLabel="答复日期",
            timeLabel="答复时间",
            use24h=True,
            timeInterval=5,
            timeSerializingFormat="utc_offset",
            validate={"required": True},
            layout=NARROW | {"row": "Row_1"},
        ),
        component(
            "textfield",
            "phone",
            "联系电话",
            readonly=True,
            properties={"carried": "true"},
            layout=NARROW | {"row": "Row_1"},
        ),
        component(
            "textarea",
            "reply_text",
            "答复内容",
            validate={"required": True, "minLength": 10, "maxLength": 2000},
            properties={"hint": "写清楚措施和完成时间。", "hint_en": "Say what and by when."},
        ),
        component(
            "checkbox", "disagrees", "业主不同意", properties={"label_en": "The owner disagrees"}
        ),
        component(
            "textarea",
            "reason",
            "不同意的理由",
            properties={"requiredIf": "=disagrees", "label_en": "Why not"},
        ),
        component(
            "select",
            "dept",
            "责任部门",
            values=[
                {"label": "工程部", "value": "engineering"},
                {"label": "秩序维护部", "value": "security"},
                {"label": "环境部", "value": "cleaning"},
            ],
            layout=NARROW | {"row": "Row_2"},
        ),
        component(
            "number",
            "cost",
            "预计费用",
            decimalDigits=2,
            validate={"min": 0},
            appearance={"suffixAdorner": "元"},
            layout=NARROW | {"row": "Row_2"},
        ),
        component(
            "checklist",
            "five_clear",
            "五清楚",
            values=[
                {"label": f"{word}清楚", "value": word}
                for word in ("时间", "地点", "人物", "事由", "要求")
            ],
        ),
        component(
            "wf-person", "owner", "责任人", group="engineering", layout=NARROW | {"row": "Row_3"}
        ),
        component("wf-room", "room", "房屋", layout=NARROW | {"row": "Row_3"}),
        component("wf-person", "helpers", "协办人", multiple=True, max=3),
        component("wf-upload", "evidence", "证据", accept="image/*,.pdf", max=3, camera=True),
        component(
            "wf-table",
            "measures",
            "措施",
            minRows=1,
            columns=[
                {"key": "what", "label": "措施", "type": "text", "required": True},
                {"key": "who", "label": "负责人", "type": "person"},
                {"key": "by", "label": "完成日期", "type": "date"},
                {"key": "cost", "label": "费用", "type": "number", "min": 0},
            ],
        ),
    ],
}

FILLED = {
    "phone": "138 **** 6721",
    "reply_by": "phone",
    "replied_at": "2026-11-23T10:15+08:00",
    "reply_text": "陈女士您好，卷帘门异响是导轨滚轮磨损造成的，今天下午更换滚轮。",
    "owner": "zhou",
    "measures": [{"what": "更换导轨滚轮", "who": "zhou", "by": "2026-11-23", "cost": 680}],
}

PEOPLE = [
    {"key": "zhou", "label": "周建国", "detail": "工程部 维修员"},
    {"key": "zhoum", "label": "周敏", "detail": "工程部 主管"},
    {"key": "hejing", "label": "何静", "detail": "客户服务部 经理"},
]


def wf_form(given: dict[str, Any], *, element_id: str = "task-form", attributes: str = "") -> str:
    text = html.escape(json.dumps(given, ensure_ascii=False), quote=False).replace(
        "&lt;", "\\u003c"
    )
    text = text.replace("&gt;", "\\u003e").replace("&amp;", "\\u0026")
    return f"""<section class="card"><div class="body" style="padding:16px">
<wf-form id="{element_id}" submit-url="/tasks/42/complete" draft-url="/tasks/42/draft" {attributes}>
<script type="application/json">{text}</script></wf-form></div></section>
<div class="actions"><span data-draft-status="{element_id}" role="status" class="push small faint"></span>
<button type="button" class="button primary" data-submit-form="{element_id}">提交答复</button></div>"""
