"""Builds BPMN text from short lists, for layout tests."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from xml.sax.saxutils import quoteattr

NAMESPACES = (
    'xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" '
    'xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="http://wuyeflow"'
)


@dataclass
class Diagram:
    """Nodes are (id, tag, name, lane); flows are (source, target, name)."""

    nodes: Sequence[tuple[str, str, str, str]]
    flows: Sequence[tuple[str, str, str]]
    boundaries: Sequence[tuple[str, str, str]] = ()
    insides: dict[str, "Diagram"] = field(default_factory=dict)
    aside: Sequence[str] = ()
    notes: Sequence[tuple[str, str]] = ()
    objects: Sequence[tuple[str, str, str]] = ()

    @property
    def lanes(self) -> list[str]:
        return list(dict.fromkeys(lane for _, _, _, lane in self.nodes if lane))

    def xml(self, *, pool: str = "流程") -> bytes:
        body = self.lane_set() + self.body("main")
        collaboration = (
            f'<bpmn:collaboration id="C"><bpmn:participant id="Pool" name={quoteattr(pool)} '
            'processRef="main"/></bpmn:collaboration>'
            if self.lanes
            else ""
        )
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<bpmn:definitions id="D" {NAMESPACES}>'
            f'{collaboration}<bpmn:process id="main" isExecutable="true">{body}</bpmn:process>'
            "</bpmn:definitions>"
        ).encode()

    def lane_set(self) -> str:
        if not self.lanes:
            return ""
        lanes = "".join(
            f'<bpmn:lane id="Lane_{index}" name={quoteattr(lane)}>'
            + "".join(
                f"<bpmn:flowNodeRef>{node[0]}</bpmn:flowNodeRef>"
                for node in self.nodes
                if node[3] == lane
            )
            + "</bpmn:lane>"
            for index, lane in enumerate(self.lanes)
        )
        return f'<bpmn:laneSet id="Lanes">{lanes}</bpmn:laneSet>'

    def body(self, prefix: str) -> str:
        parts = [self._node(*node[:3]) for node in self.nodes]
        parts += [
            f'<bpmn:boundaryEvent id="{key}" attachedToRef="{host}" name={quoteattr(name)}>'
            "<bpmn:timerEventDefinition/></bpmn:boundaryEvent>"
            for key, host, name in self.boundaries
        ]
        parts += [
            f'<bpmn:sequenceFlow id="{prefix}_flow_{index}" sourceRef="{source}" '
            f'targetRef="{target}" name={quoteattr(name)}/>'
            for index, (source, target, name) in enumerate(self.flows)
        ]
        for index, (owner, text) in enumerate(self.notes):
            parts.append(
                f'<bpmn:textAnnotation id="{prefix}_note_{index}"><bpmn:text>{text}</bpmn:text>'
                f'</bpmn:textAnnotation><bpmn:association id="{prefix}_link_{index}" '
                f'sourceRef="{owner}" targetRef="{prefix}_note_{index}"/>'
            )
        parts += [
            f'<bpmn:dataObjectReference id="{key}" name={quoteattr(name)}/>'
            f'<bpmn:association id="{key}_link" sourceRef="{owner}" targetRef="{key}"/>'
            for key, name, owner in self.objects
        ]
        return "".join(parts)

    def _node(self, key: str, tag: str, name: str) -> str:
        inside = self.insides[key].body(key) if key in self.insides else ""
        aside = ' triggeredByEvent="true"' if key in self.aside else ""
        return f'<bpmn:{tag} id="{key}" name={quoteattr(name)}{aside}>{inside}</bpmn:{tag}>'


CS, CM, RD, PM, QA, LD = "客服助理", "客服主管", "责任部门", "项目经理", "品质管理", "公司领导"

COMPLAINT = Diagram(
    nodes=[
        ("Start_oral", "startEvent", "业主投诉", CS),
        ("T1_record", "userTask", "记录投诉内容", CS),
        ("R_priority", "businessRuleTask", "定优先级", CS),
        ("S_ack", "serviceTask", "告知已受理", CS),
        ("G_p0", "parallelGateway", "", CS),
        ("G_urgent", "exclusiveGateway", "特急？", CS),
        ("T0_emergency", "userTask", "启动应急处置", PM),
        ("G_level", "exclusiveGateway", "谁来判定？", CS),
        ("T2_judge", "userTask", "判定投诉性质", CS),
        ("T2m_judge", "userTask", "主管判定投诉性质", CM),
        ("G_scope", "exclusiveGateway", "是否合理、谁的责任？", CM),
        ("T2u_explain", "userTask", "婉转说明", CS),
        ("G_accept", "exclusiveGateway", "业主理解？", CS),
        ("T2u2_second_talk", "userTask", "二次沟通并确认", CM),
        ("E_explained", "endEvent", "已解释", CS),
        ("E_disputed", "endEvent", "保留意见", CM),
        ("T2n_explain", "userTask", "做好解释并指引", CS),
        ("E_not_property", "endEvent", "非物业责任", CS),
        ("S_inform", "serviceTask", "通知相关部门", CM),
        ("T3_investigate", "userTask", "调查分析原因", RD),
        ("T4_assign", "userTask", "确定处理责任人", CM),
        ("T5_plan", "userTask", "提出解决方案", RD),
        ("G_authority", "exclusiveGateway", "权限之内？", RD),
        ("T5a_approve", "userTask", "审批解决方案", PM),
        ("G_approved", "exclusiveGateway", "审批结果？", PM),
        ("T5b_company", "userTask", "公司审批", LD),
        ("T6_reply", "userTask", "答复业主", CS),
        ("G_agree", "exclusiveGateway", "业主同意？", CS),
        ("T6e_mediate", "userTask", "组织调解", PM),
        ("G_mediated", "exclusiveGateway", "调解成功？", PM),
        ("E_unresolved", "endEvent", "转外部处理", PM),
        ("T7a_execute", "userTask", "立即按方案实施", RD),
        ("T7b_verify", "userTask", "核验实施结果", CS),
        ("G_verified", "exclusiveGateway", "合格？", CS),
        ("C_callback", "callActivity", "回访", CS),
        ("G_satisfied", "exclusiveGateway", "满意？", CS),
        ("G_report", "exclusiveGateway", "需要书面汇报？", CM),
        ("T8r_report", "userTask", "书面汇报", CM),
        ("T8q_sign", "userTask", "汇报存档", QA),
        ("S_archive", "serviceTask", "归档", CS),
        ("E_closed", "endEvent", "投诉已关闭", CS),
    ],
    flows=[
        ("Start_oral", "T1_record", ""),
        ("T1_record", "R_priority", ""),
        ("R_priority", "S_ack", ""),
        ("S_ack", "G_urgent", ""),
        ("G_urgent", "G_level", "否"),
        ("G_urgent", "G_p0", "是"),
        ("G_p0", "G_level", ""),
        ("G_p0", "T0_emergency", ""),
        ("G_level", "T2_judge", "一般"),
        ("G_level", "T2m_judge", "重大"),
        ("T2_judge", "G_scope", ""),
        ("T2m_judge", "G_scope", ""),
        ("G_scope", "T2u_explain", "不合理"),
        ("T2u_explain", "G_accept", ""),
        ("G_accept", "E_explained", "理解"),
        ("G_accept", "T2u2_second_talk", "不理解"),
        ("T2u2_second_talk", "E_disputed", ""),
        ("G_scope", "T2n_explain", "非物业责任"),
        ("T2n_explain", "E_not_property", ""),
        ("G_scope", "T3_investigate", "本部门责任"),
        ("G_scope", "S_inform", "其他部门责任"),
        ("S_inform", "T3_investigate", ""),
        ("T3_investigate", "T4_assign", ""),
        ("T4_assign", "T5_plan", ""),
        ("T5_plan", "G_authority", ""),
        ("G_authority", "T6_reply", "是"),
        ("G_authority", "T5a_approve", "否"),
        ("T5a_approve", "G_approved", ""),
        ("G_approved", "T6_reply", "同意"),
        ("G_approved", "T5_plan", "修改"),
        ("G_approved", "T5b_company", "上报公司"),
        ("T5b_company", "T6_reply", ""),
        ("T6_reply", "G_agree", ""),
        ("G_agree", "T7a_execute", "同意"),
        ("G_agree", "T5_plan", "不同意"),
        ("G_agree", "T6e_mediate", "三次不同意"),
        ("T6e_mediate", "G_mediated", ""),
        ("G_mediated", "T7a_execute", "是"),
        ("G_mediated", "E_unresolved", "否"),
        ("T7a_execute", "T7b_verify", ""),
        ("T7b_verify", "G_verified", ""),
        ("G_verified", "C_callback", "合格"),
        ("G_verified", "T7a_execute", "不合格"),
        ("C_callback", "G_satisfied", ""),
        ("G_satisfied", "G_report", "满意"),
        ("G_satisfied", "T3_investigate", "不满意"),
        ("G_report", "T8r_report", "是"),
        ("G_report", "S_archive", "否"),
        ("T8r_report", "T8q_sign", ""),
        ("T8q_sign", "S_archive", ""),
        ("S_archive", "E_closed", ""),
    ],
    boundaries=[("B_silent", "T6_reply", "七天无答复")],
)
COMPLAINT.nodes = [
    *COMPLAINT.nodes,
    ("T6c_close", "userTask", "无答复结案", CM),
    ("E0", "endEvent", "应急已启动", PM),
]
COMPLAINT.flows = [
    *COMPLAINT.flows,
    ("B_silent", "T6c_close", ""),
    ("T6c_close", "C_callback", ""),
    ("T0_emergency", "E0", ""),
]


def scattered(seed: int, size: int = 14, lanes: int = 3) -> Diagram:
    """Return a diagram of random boxes and lines: a backbone, branches, jumps and loops."""
    dice = Random(seed)
    names = [f"角色{index}" for index in range(lanes)] if lanes else [""]
    tags = ["userTask"] * 4 + ["serviceTask", "exclusiveGateway", "parallelGateway"]
    words = ["登记", "现场查看情况", "审核", "通知业主并约定时间", "", "回访"]
    nodes = [("s", "startEvent", "开始", dice.choice(names))]
    nodes += [
        (f"n{index}", dice.choice(tags), dice.choice(words), dice.choice(names))
        for index in range(size)
    ]
    nodes.append(("e", "endEvent", "结束", dice.choice(names)))
    keys = [node[0] for node in nodes]
    flows = [(a, b, "") for a, b in pairwise(keys) if dice.random() < 0.85]
    for _ in range(size // 2):
        source, target = dice.choice(keys[1:-1]), dice.choice(keys[1:])
        flows.append((source, target, dice.choice(["", "是", "否", "不同意"])))
    tasks = [key for key, tag, _, _ in nodes if tag == "userTask"]
    boundaries = []
    for index, host in enumerate(tasks[:2]):
        if dice.random() < 0.5:
            boundaries.append((f"b{index}", host, "超时"))
            flows.append((f"b{index}", dice.choice(keys[1:]), ""))
    notes = [(dice.choice(tasks), "办理时限见服务标准")] if tasks and dice.random() < 0.4 else []
    return Diagram(nodes=nodes, flows=flows, boundaries=boundaries, notes=notes)


NESTED = Diagram(
    nodes=[
        ("s", "startEvent", "开始", CS),
        ("a", "userTask", "登记", CS),
        ("sub", "subProcess", "逐户验房", RD),
        ("b", "userTask", "归档资料并通知业主领取钥匙和相关文件", CS),
        ("e", "endEvent", "结束", CS),
        ("c", "userTask", "处理超时", PM),
        ("e2", "endEvent", "已转交", PM),
        ("withdraw", "subProcess", "业主撤回", CS),
        ("urge", "subProcess", "催办", CS),
    ],
    flows=[
        ("s", "a", ""),
        ("a", "sub", ""),
        ("sub", "b", ""),
        ("b", "e", ""),
        ("late", "c", ""),
        ("c", "e2", ""),
    ],
    boundaries=[("late", "sub", "三日未完成")],
    insides={
        "sub": Diagram(
            nodes=[
                ("s1", "startEvent", "", ""),
                ("v", "userTask", "查验", ""),
                ("g", "exclusiveGateway", "有缺陷？", ""),
                ("r", "userTask", "整改", ""),
                ("e1", "endEvent", "", ""),
            ],
            flows=[
                ("s1", "v", ""),
                ("v", "g", ""),
                ("g", "e1", "否"),
                ("g", "r", "是"),
                ("r", "v", ""),
            ],
        ),
        "withdraw": Diagram(
            nodes=[
                ("sw", "startEvent", "撤回", ""),
                ("w", "userTask", "确认撤回", ""),
                ("ew", "endEvent", "已撤回", ""),
            ],
            flows=[("sw", "w", ""), ("w", "ew", "")],
        ),
        "urge": Diagram(
            nodes=[
                ("su", "startEvent", "催办", ""),
                ("u", "serviceTask", "通知负责人", ""),
                ("eu", "endEvent", "", ""),
            ],
            flows=[("su", "u", ""), ("u", "eu", "")],
        ),
    },
    aside=["withdraw", "urge"],
    notes=[("a", "来电、来访、来信均在此登记")],
    objects=[("doc", "验房单", "b")],
)
SIMPLE = Diagram(
    nodes=[
        ("s", "startEvent", "开始", ""),
        ("a", "userTask", "登记", ""),
        ("p", "parallelGateway", "", ""),
        ("b", "userTask", "通知业主", ""),
        ("c", "userTask", "现场查看", ""),
        ("d", "userTask", "准备材料", ""),
        ("j", "parallelGateway", "", ""),
        ("e", "endEvent", "结束", ""),
    ],
    flows=[
        ("s", "a", ""),
        ("a", "p", ""),
        ("p", "b", ""),
        ("p", "c", ""),
        ("p", "d", ""),
        ("b", "j", ""),
        ("c", "j", ""),
        ("d", "j", ""),
        ("j", "e", ""),
    ],
)
POOLS = b"""<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions id="D" xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="t">
<bpmn:collaboration id="C">
<bpmn:participant id="Owner" name="\xe4\xb8\x9a\xe4\xb8\xbb"/>
<bpmn:participant id="Office" name="\xe7\x89\xa9\xe4\xb8\x9a" processRef="p"/>
<bpmn:participant id="Firm" name="\xe5\xa4\x96\xe5\x8d\x8f" processRef="q"/>
<bpmn:messageFlow id="m1" name="\xe6\x8a\xa5\xe4\xbf\xae" sourceRef="Owner" targetRef="s"/>
<bpmn:messageFlow id="m2" sourceRef="b" targetRef="s2"/>
<bpmn:messageFlow id="m3" sourceRef="e2" targetRef="c"/>
<bpmn:messageFlow id="m4" sourceRef="c" targetRef="Owner"/>
</bpmn:collaboration>
<bpmn:process id="p"><bpmn:laneSet id="L"><bpmn:lane id="L1" name="A"><bpmn:childLaneSet id="L2"><bpmn:lane id="L3" name="A1"><bpmn:flowNodeRef>s</bpmn:flowNodeRef><bpmn:flowNodeRef>a</bpmn:flowNodeRef></bpmn:lane><bpmn:lane id="L4" name="A2"><bpmn:flowNodeRef>b</bpmn:flowNodeRef></bpmn:lane></bpmn:childLaneSet></bpmn:lane><bpmn:lane id="L5" name="B"><bpmn:flowNodeRef>c</bpmn:flowNodeRef><bpmn:flowNodeRef>e</bpmn:flowNodeRef></bpmn:lane></bpmn:laneSet>
<bpmn:startEvent id="s"/><bpmn:userTask id="a"/><bpmn:sendTask id="b"/><bpmn:receiveTask id="c"/><bpmn:endEvent id="e"/>
<bpmn:sequenceFlow id="f1" sourceRef="s" targetRef="a"/><bpmn:sequenceFlow id="f2" sourceRef="a" targetRef="b"/><bpmn:sequenceFlow id="f3" sourceRef="b" targetRef="c"/><bpmn:sequenceFlow id="f4" sourceRef="c" targetRef="e"/></bpmn:process>
<bpmn:process id="q"><bpmn:startEvent id="s2"/><bpmn:userTask id="w"/><bpmn:endEvent id="e2"/>
<bpmn:sequenceFlow id="f5" sourceRef="s2" targetRef="w"/><bpmn:sequenceFlow id="f6" sourceRef="w" targetRef="e2"/></bpmn:process>
</bpmn:definitions>
"""
