"""The table of rules beyond what can't run at all: severity and texts, one line a rule."""

from collections.abc import Mapping
from types import MappingProxyType

from engine.errors import Problem

ERROR, WARNING = "error", "warning"

#: rule id → (severity, Chinese, English), with `{named}` places
RULES: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        # the flow
        "no-end": (ERROR, "没有结束事件", "there is no end event"),
        "unreachable": (ERROR, "从开始事件到不了这里", "this can't be reached from a start event"),
        "dead-end": (
            ERROR, "流程停在这里：没有流出，也不是结束事件",
            "the process stops here: no outgoing flow, and no end event",
        ),
        "endless": (ERROR, "从这里到不了结束事件", "no end event can be reached from here"),
        "join-never": (
            ERROR, "并行汇聚等不到全部分支：{sources} 之一不会同时到达，流程将卡住",
            "the parallel join waits for ever: the branches {sources} never all arrive",
        ),
        "join-may-wait": (
            WARNING, "并行汇聚可能等不到全部分支，请确认各分支总会到达",
            "the parallel join may wait for ever; make sure that every branch always arrives",
        ),
        "runs-twice": (
            WARNING, "并行分支在此合并而未汇聚，后面的步骤会执行多次",
            "parallel branches meet here without being joined: what follows runs more than once",
        ),
        "no-default": (
            WARNING, "所有分支都有条件而没有默认分支，都不成立时流程会卡住",
            "every branch has a condition and none is the default: the flow may stick here",
        ),
        # what the BPMN standard forbids
        "not-executed": (ERROR, "不支持顶层元素 {tag}", "the root element {tag} is not executed"),
        "not-immediate": (
            ERROR, "可执行流程的连线不能是 isImmediate=false",
            "a flow of an executable process may not be isImmediate=false",
        ),
        "lonely-condition": (
            ERROR, "唯一的流出不能带条件：不成立时无路可走",
            "the only outgoing flow may not have a condition: nothing would be left",
        ),
        "message-flow-inside": (
            ERROR, "消息流不能连接同一个泳池之内的元素",
            "a message flow may not join elements of the same pool",
        ),
        "message-flow-end": (
            ERROR, "消息流的两端须是两个泳池、其中的活动或消息事件",
            "a message flow joins pools, or activities or message events in them",
        ),
        "gateway-direction": (
            ERROR, "网关方向写的是 {direction}，与 {ins} 条流入、{outs} 条流出不符",
            "the gateway is said to be {direction}, but has {ins} incoming and {outs} outgoing flows",
        ),
        "gateway-idle": (
            ERROR, "网关只有一进一出，既不分支也不汇合",
            "the gateway neither splits nor joins: it has one flow in and one out",
        ),
        "event-gateway-mixed": (
            ERROR, "事件网关之后不能既有接收任务又有消息事件",
            "receive tasks and message events may not both follow an event-based gateway",
        ),
        "event-gateway-start": (
            ERROR, "启动流程的事件网关不能有流入",
            "an event-based gateway that starts the process may not have incoming flows",
        ),
        "flow-mismatch": (
            ERROR, "{place} 写的连线 {name} 并不连到这里",
            "{place} names the flow {name}, which does not end or begin here",
        ),
        "lane-twice": (
            ERROR, "节点 {name} 同时在两个泳道里", "the element {name} stands in two lanes",
        ),
        "import": (
            ERROR, "不能引用其他文件（import），请把内容放进同一个文件",
            "other files are not imported; put everything into one file",
        ),
        "two-loops": (
            ERROR, "不能同时设标准循环和多实例", "a standard loop and a multi-instance exclude each other",
        ),
        "complex-behaviour": (
            ERROR, "complexBehaviorDefinition 须配 behavior=Complex",
            "a complexBehaviorDefinition needs behavior=Complex",
        ),
        "cancel-end": (
            ERROR, "取消结束事件只能放在事务里", "a cancel end event belongs into a transaction",
        ),
        "link-flow": (
            ERROR, "链接事件：接收端不能有流入，发出端不能有流出",
            "a link catches without incoming and throws without outgoing flows",
        ),
        "compensation-side": (
            ERROR, "补偿边界事件不能设为不中断", "a compensation boundary event is never non-interrupting",
        ),
        "wrong-reference": (
            ERROR, "{place} 引用的 {name} 不存在或类型不符",
            "{place} refers to {name}, which is not there or of another kind",
        ),
        "wrong-value": (
            ERROR, "属性 {name} 的值 {value} 不成立，只能是 {allowed}",
            "the attribute {name} says {value}; it may say {allowed}",
        ),
        "no-namespace": (
            ERROR, "元素 {tag} 没有命名空间，不属于 BPMN", "the element {tag} has no namespace",
        ),
        "multiplicity": (
            ERROR, "泳池的数量范围不成立：最少不小于 0，最多不小于 1 也不小于最少",
            "a pool's multiplicity runs from 0 or more to at least 1 and no less",
        ),
        "undone-by-nobody": (
            ERROR, "补偿活动没有用关联连到任何补偿边界事件，永远不会执行",
            "no association leads from a compensation event to this activity: it never runs",
        ),
        # what a diagram refers to
        "unknown-form": (ERROR, "没有表单 {name}", "there is no form {name}"),
        "unknown-decision": (ERROR, "没有决策 {name}", "there is no decision {name}"),
        "unknown-process": (ERROR, "没有流程 {name}", "there is no process {name}"),
        "unknown-handler": (
            ERROR, "没有名为 {name} 的处理函数（外部程序办理的，请加属性 worker = external）",
            "there is no handler {name} (for an external worker set the property worker = external)",
        ),
        "unknown-role": (ERROR, "泳道“{name}”不是已有的角色", "the lane {name} is no known role"),
        "unknown-group": (ERROR, "没有候选组 {name}", "there is no group {name}"),
        "no-performer": (
            ERROR, "人工任务既不在泳道里，也没有指定办理人",
            "the user task has neither a lane nor an assignment",
        ),
        "unknown-step": (
            ERROR, "{property} 指向不存在的步骤 {name}", "{property} names {name}, which is no step",
        ),
        "foreign-step": (
            WARNING, "{property} 中的 {name} 不在本流程，应是调用或被调用流程的步骤",
            "{property} names {name}, which is not in this process; it should be in a calling one",
        ),
        "not-together": (
            WARNING, "{name} 没有与本图一并部署，将用已部署的最新版本",
            "{name} is not deployed together with the diagram: the newest one in force is taken",
        ),
        # expressions
        "unknown-variable": (
            ERROR,
            ("{place} 读取了没有来源的变量 {name}{hint}：没有表单、映射或决策产生它；"
            "由发起者或调用者带入的，请列在流程属性 inputs 中"),
            ("{place} reads {name}{hint}, which no form, mapping or decision gives; "
            "list what a starter or caller brings in the process property `inputs`"),
        ),
        "unknown-case-field": (
            ERROR, "{place} 读取的 {name} 不是任何步骤的表单字段",
            "{place} reads {name}, which is no field of a step's form",
        ),
        "personal-read": (
            ERROR, "{place} 读取了个人信息字段 {name}；个人信息不进入流程",
            "{place} reads the personal field {name}; personal data does not enter the workflow",
        ),
        "unknown-function": (
            ERROR, "{place} 调用了不存在的函数 {name}", "{place} calls {name}, which is no function",
        ),
        "feel-invalid": (
            ERROR, "表达式有误（{place}，第 {row} 行第 {column} 字）：{zh}",
            "wrong expression ({place}, {row}:{column}): {en}",
        ),
        # limits and properties
        "limit-unreadable": (
            ERROR, "时限属性 {property} 读不懂：{detail}",
            "the limit {property} is not readable: {text}",
        ),
        "unknown-property": (
            WARNING, "没有名为 {name} 的属性{hint}", "{name} is no property that anything reads{hint}",
        ),
        # what owners do through a link
        "owner-unknown": (
            ERROR, "owner 写的是 {kind}，只能是 {known}",
            "owner says {kind}; it can only be {known}",
        ),
        "owner-no-form": (
            ERROR, "交业主办理的只能是有表单的人工任务",
            "only a user task with a form can be meant for the owner",
        ),
        "owner-gives-unknown": (
            ERROR, "ownerGives 里的 {name} 不是表单“{form}”的字段",
            "{name} in ownerGives is no field of the form “{form}”",
        ),
        # what a person would miss
        "no-name": (WARNING, "没有名称", "it has no name"),
        "no-form": (
            WARNING, "没有表单：办理人只看到案件和一个按钮",
            "no form: its performer sees the case and one button",
        ),
        "binding-latest": (
            WARNING, "{name} 绑定最新版本：运行中的流程会跟着变，建议 bindingType=deployment",
            "{name} is bound to the latest version: running cases change with it",
        ),
        "no-time-standard": (
            WARNING, "人工任务没有 timeStandard：不会提醒，也不会超期",
            "the user task has no timeStandard: it is never warned of and never overdue",
        ),
        "same-key": (
            WARNING, "表单 {forms} 都有流程要读的字段 {name}，后填的会覆盖先填的",
            "the forms {forms} share the routed field {name}: the later submission wins",
        ),
    }
)  # fmt: skip


class Findings:
    """The problems found so far."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def add(
        self, rule: str, element: str | None, line: int | None = None, **params: object
    ) -> None:
        """Note one problem; severity and texts come from RULES."""
        severity, zh, en = RULES[rule]
        self.problems.append(
            Problem(
                rule=rule,
                element=element,
                line=line,
                severity=severity,
                zh=zh.format(**params),
                en=en.format(**params),
            )
        )
