"""Collects what is wrong in a diagram; every rule of this package has its line in the table."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.errors import Problem

#: rule id → (Chinese, English), with `{named}` places
RULES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "no-process": ("没有可执行的流程", "there is no executable process"),
        "missing-id": ("{type} 缺少 id", "{type} has no id"),
        "duplicate-id": ("id {id} 重复", "the id {id} is used twice"),
        "too-many-elements": ("一个流程最多 {limit} 个节点", "a process may have {limit} elements"),
        "unknown-element": ("不支持元素 {tag}", "the element {tag} is not executed"),
        "unknown-extension": ("不支持扩展 {tag}", "the extension {tag} is not executed"),
        "unknown-attribute": ("不支持属性 {name}", "the attribute {name} is not executed"),
        "vendor-extension": (
            "含其他引擎的扩展 {tag}，请先导入转换",
            "{tag} belongs to another engine; import the diagram first",
        ),
        "listener": ("不支持监听器 {tag}", "the listener {tag} is not executed"),
        "flow-ends-nowhere": (
            "连线的 {end} 指向不存在的节点 {id}",
            "the flow's {end} names {id}, which does not exist",
        ),
        "flow-crosses-scope": (
            "连线不能穿越子流程或流程边界",
            "a sequence flow may not cross a process or sub-process border",
        ),
        "flow-into-start": ("开始事件不能有流入", "a start event may not have incoming flows"),
        "flow-out-of-end": ("结束事件不能有流出", "an end event may not have outgoing flows"),
        "flow-into-boundary": ("边界事件不能有流入", "a boundary event may not have incoming flows"),
        "no-outgoing": ("{type} 没有流出", "{type} has no outgoing flow"),
        "no-incoming": ("{type} 没有流入，永远不会到达", "{type} has no incoming flow: never reached"),
        "no-start": ("没有开始事件", "there is no start event"),
        "several-starts": ("只能有一个无触发的开始事件", "there may be only one none start event"),
        "subprocess-start": (
            "子流程需要恰好一个无触发的开始事件",
            "a sub-process needs exactly one start event, without trigger",
        ),
        "event-subprocess-start": (
            "事件子流程需要恰好一个带触发的开始事件",
            "an event sub-process needs exactly one start event, with a trigger",
        ),
        "event-subprocess-flow": ("事件子流程不能有连线", "an event sub-process has no flows"),
        "condition-missing": ("多分支网关的连线缺少条件", "a flow of a splitting gateway has no condition"),
        "condition-misplaced": (
            "这条连线不能有条件（来源不作选择）",
            "this flow may not have a condition: its source does not choose",
        ),
        "default-unknown": ("默认连线 {id} 不是本节点的流出", "the default flow {id} does not leave here"),
        "default-conditional": ("默认连线不能有条件", "the default flow may not have a condition"),
        "event-definition-missing": ("{type} 缺少事件定义", "{type} has no event definition"),
        "event-definition-refused": (
            "{type} 不能带 {kind} 定义",
            "{type} may not have a {kind} definition",
        ),
        "reference-unknown": ("引用 {ref} 不存在", "the reference {ref} does not exist"),
        "name-computed": (
            "此处不能用表达式：{name}", "an expression is not possible here: {name}",
        ),
        "name-missing": ("{kind} 缺少名称", "the {kind} has no name"),
        "code-missing": ("{kind} 缺少代码", "the {kind} has no code"),
        "timer-invalid": ("定时写法有误：{detail}", "the timer is wrong: {detail}"),
        "feel-invalid": (
            "表达式有误（{place}，第 {row} 行第 {column} 字）：{detail}",
            "wrong expression ({place}, {row}:{column}): {detail}",
        ),
        "target-invalid": ("变量名 {name} 不合规", "{name} is no variable name"),
        "attached-unknown": ("附着的活动 {id} 不存在", "the host activity {id} does not exist"),
        "boundary-host": ("边界事件不能附着在 {type} 上", "a boundary event may not sit on {type}"),
        "must-interrupt": ("错误与取消事件必须中断", "error and cancel events must interrupt"),
        "task-definition-missing": (
            "{type} 缺少 zeebe:taskDefinition",
            "{type} has no zeebe:taskDefinition",
        ),
        "decision-missing": (
            "业务规则任务缺少 zeebe:calledDecision 或 taskDefinition",
            "the business rule task has no zeebe:calledDecision and no taskDefinition",
        ),
        "script-missing": (
            "脚本任务缺少 zeebe:script 或 taskDefinition（不执行其他语言）",
            "the script task has no zeebe:script and no taskDefinition; no other language runs",
        ),
        "called-element-missing": ("调用活动缺少 zeebe:calledElement", "no zeebe:calledElement"),
        "binding-unknown": ("绑定方式 {value} 不支持", "the binding type {value} is not known"),
        "form-missing": ("formDefinition 缺少 formId", "the formDefinition has no formId"),
        "event-gateway-target": (
            "事件网关之后只能接消息、信号、定时、条件捕获或接收任务",
            "after an event-based gateway only catch events and receive tasks may follow",
        ),
        "event-gateway-flows": ("事件网关至少两条流出", "an event-based gateway needs two flows"),
        "quantity": ("{name} 必须是不小于 1 的整数", "{name} must be an integer of at least 1"),
        "link-target": ("链接事件 {name} 没有唯一的接收端", "the link {name} has not exactly one target"),
        "link-source": ("链接事件 {name} 没有发出端", "the link {name} has no source"),
        "loop-twice": ("一个活动不能有两种循环", "an activity may not have two kinds of loop"),
        "loop-collection": (
            "多实例缺少集合或次数", "the multi-instance has no input collection and no cardinality",
        ),
        "loop-refused": ("{type} 不能循环", "{type} may not loop"),
        "loop-value": ("循环设置有误：{detail}", "wrong loop setting: {detail}"),
        "compensation-handler": ("补偿事件需要一个补偿处理", "a compensation event needs a handler"),
        "compensation-activity": ("补偿目标 {id} 不存在", "the activity {id} is not known here"),
        "cancel-outside-transaction": ("取消事件只能用于事务", "a cancel event belongs to a transaction"),
        "data-refused": ("不执行数据关联的 {tag}", "{tag} of a data association is not executed"),
        "compensation-no-wait": (
            "补偿必须等待完成（waitForCompletion）", "compensation has to wait for completion",
        ),
        "compensation-loop": ("循环的活动不能补偿", "a looping activity can't be compensated"),
        "compensation-scope": (
            "补偿事件子流程只能放在子流程里",
            "a compensation event sub-process belongs into a sub-process",
        ),
        "cancel-unhandled": ("事务缺少取消边界事件", "the transaction has no cancel boundary event"),
        "adhoc-content": ("即席子流程内不能有开始或结束事件", "no start or end event in an ad-hoc sub-process"),
        "adhoc-empty": ("即席子流程内没有活动", "the ad-hoc sub-process contains no activity"),
        "activation-missing": ("复杂网关缺少激活条件", "the complex gateway has no activationCondition"),
        "instantiate": ("只有没有流入的接收任务能启动流程", "only a receive task that nothing leads to may start"),
        "collaboration": ("泳池引用的流程 {id} 不存在", "the pool's process {id} does not exist"),
        "lane-member": ("泳道引用的节点 {id} 不存在", "the lane's member {id} does not exist"),
    }
)  # fmt: skip


class Report:
    """The problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(
        self, rule: str, element: str | None, line: int | None = None, **params: object
    ) -> None:
        """Note one problem; texts come from RULES."""
        zh, en = RULES[rule]
        params.setdefault("id", element)
        english = {**params, "detail": params.get("detail_en", params.get("detail"))}
        self.problems.append(
            Problem(rule=rule, element=element, line=line,
                    zh=zh.format(**params), en=en.format(**english))
        )  # fmt: skip
