"""What of BPMN and `zeebe:` runs, with the test that proves it; prints docs/reference/bpmn.md.

`python -m tests.engine.spiff.coverage > docs/reference/bpmn.md`
"""

import sys
from dataclasses import dataclass

from tests.engine.spiff import attributes

_PAGE = """# 流程图元素

能运行的元素都按 BPMN 2.0 的意思准确运行；不能准确运行的，在发布时被拒绝，并指出元素、行号和规则（[检查规则](lint.md)）。
下面每一行都由所列的测试证明。没有列出的元素、属性和扩展一律拒绝。本页由 `python -m tests.engine.spiff.coverage` 生成。
"""

_CHANGES = """## 与 SpiffWorkflow 3.2 不同的地方

流程引擎建立在 SpiffWorkflow 上，以下行为由 `engine.spiff` 改正：

| 原来 | 现在 |
|---|---|
| 任务树记录走过的每一步，超过 1000 层后悄悄停住 | 树里只有活着的令牌，循环多少次都一样大、一样快 |
| 返工循环里的并行汇聚会提前放行 | 按流入连线数令牌，只算现在到的 |
| 并行分支各有一份变量，汇聚时互相覆盖 | 变量属于作用域（同 Camunda 8），没有副本，不会丢 |
| 循环里的包容汇聚提前放行 | 按标准判断还有没有令牌能到 |
| 表达式和脚本是 Python，可执行任意代码 | 只有 FEEL，编译一次；从不执行 Python |
| 条件不是布尔值时当作假 | 这一步失败，说出是哪条连线，什么也不丢 |
| 链接事件、信号结束、补偿抛出被悄悄忽略 | 照标准运行 |
| 事件子流程从不中断，错误事件子流程一开始就触发 | 照标准：监听、触发、中断 |
| 先运行后监听，刚抛出的事件丢失 | 等待事件的元素先就位 |
| 事件网关只认第一个定时 | 每个事件各等各的 |
| 定时读服务器时区，负时长当正数，月末漂移，停机后一次补发全部周期 | 以给定时刻和上海时区计算，拒绝负数，月末不漂移，错过的周期合为一次并计数 |
| 任务、活动不能有多条流出 | 可以，按条件与默认连线 |
| 复杂网关、补偿、多实例行为、令牌数量不支持 | 照标准运行 |
| 出错时原因被别的错误盖住 | 原来的错误留在失败里，状态不变 |
"""


@dataclass(frozen=True)
class Row:
    """One element or extension."""

    tag: str
    name: str
    note: str
    proof: str


def _rows(text: str) -> list[Row]:
    return [Row(*(part.strip() for part in line.split("|"))) for line in text.strip().splitlines()]


ACTIVITIES = _rows("""
task | 任务（未分类） | 不等待，直接通过 | five_hundred_tasks_in_a_row_are_parsed_and_run
manualTask | 手工任务 | 同未分类任务 | random_sound_diagrams_run_to_their_end_as_in_memory
userTask | 人工任务 | 等人办理；指派在打开时算出 | assignments_are_worked_out_when_the_task_opens
serviceTask | 服务任务 | 需要 taskDefinition；等处理程序 | inputs_are_local_and_vanish_with_the_task
sendTask | 发送任务 | 有 taskDefinition 等处理程序，否则发出 messageRef | messages_are_left_to_others_with_name_key_and_content
receiveTask | 接收任务 | 等消息；instantiate 可启动流程 | a_receive_task_may_start_a_process
scriptTask | 脚本任务 | zeebe:script 的 FEEL，或 taskDefinition | a_decision_and_a_script_set_their_result
businessRuleTask | 规则任务 | calledDecision 或 taskDefinition | a_decision_and_a_script_set_their_result
callActivity | 调用活动 | 启动另一流程的实例 | a_call_passes_variables_down_and_takes_them_back_as_it_says
subProcess | 子流程 | 一个无触发的开始事件；triggeredByEvent 为事件子流程 | variables_of_a_sub_process_live_and_die_with_it
transaction | 事务 | 取消时补偿，再从取消边界离开 | a_cancelled_transaction_undoes_its_work_then_leaves_by_its_border
adHocSubProcess | 即席子流程 | 并行或依次，各做一次，完成条件可提前结束 | an_ad_hoc_sub_process_does_each_of_its_tasks_once
multiInstanceLoopCharacteristics | 多实例 | 并行或依次，集合或次数，完成条件，行为 all/one/none/complex；至多 1000 | parallel_instances_collect_in_the_order_of_the_collection
standardLoopCharacteristics | 标准循环 | 条件、先判后判、最多次数 | a_standard_loop_ends_by_its_condition_or_its_maximum
isForCompensation | 补偿处理 | 倒序执行 | what_was_done_is_undone_backwards_and_only_once
startQuantity、completionQuantity | 令牌数量 | 不小于 1 | quantities_multiply_and_gather_tokens
globalTask、globalUserTask、globalManualTask、globalScriptTask、globalBusinessRuleTask | 全局任务 | 作为流程被调用 | a_global_task_is_called_as_a_process
""")
GATEWAYS = _rows("""
exclusiveGateway | 排他网关 | 第一条成立的流出；都不成立走默认，没有默认则失败 | no_condition_and_no_default_fails_the_step_at_its_gateway
parallelGateway | 并行网关 | 每条流入各等一个令牌 | join_in_a_rework_loop_waits_for_every_branch_of_each_pass
inclusiveGateway | 包容网关 | 汇聚等所有还能到的令牌，循环里也对 | inclusive_join_waits_for_what_may_come_in_every_round
complexGateway | 复杂网关 | activationCondition，其余令牌随后吃掉 | a_complex_gateway_goes_on_at_two_of_three_and_eats_the_third
eventBasedGateway | 事件网关 | 可有多个定时、消息、信号、条件 | only_the_named_timer_fires
没有开始和结束事件的作用域 | 隐含的开始与结束 | 没有流入的活动同时开始，没有流出的都走完就结束 | a_scope_without_start_and_end_begins_where_nothing_leads
sequenceFlow | 连线 | 条件为 FEEL；活动也可有多条、可有默认 | a_task_may_choose_among_its_outgoing_flows
""")
EVENTS = _rows("""
startEvent | 开始事件 | 无触发、消息、信号、定时；事件子流程另加条件、错误、升级、补偿 | several_starts_are_told_apart
endEvent | 结束事件 | 无、消息、信号、错误、升级、取消、补偿、终止 | terminate_ends_its_scope_only
intermediateCatchEvent | 中间捕获事件 | 消息、信号、定时、条件、链接 | the_first_of_several_events_is_enough
intermediateThrowEvent | 中间抛出事件 | 无、消息、信号、升级、补偿、链接 | a_throw_event_may_be_work_for_a_handler
boundaryEvent | 边界事件 | 中断或不中断；消息、信号、定时、条件、错误、升级、取消、补偿 | a_non_interrupting_message_repeats_and_keeps_its_token
messageEventDefinition | 消息 | 名称加关联键 | messages_are_left_to_others_with_name_key_and_content
signalEventDefinition | 信号 | 本实例当时在听的都收到，其余实例由消息层送达 | a_signal_finds_listeners_that_the_same_step_arms
timerEventDefinition | 定时 | 时刻、时长、循环，ISO 8601 或 FEEL | a_timer_may_be_computed
errorEventDefinition | 错误 | 最近的、写明代码的先接；没人接则实例结束或工作失败 | an_error_goes_to_the_nearest_catcher_that_names_it
escalationEventDefinition | 升级 | 不中断时抛出者继续 | an_escalation_lets_its_thrower_go_on_unless_it_is_interrupted
terminateEventDefinition | 终止 | 只结束所在作用域 | terminate_ends_its_scope_only
cancelEventDefinition | 取消 | 只在事务里 | a_cancelled_transaction_undoes_its_work_then_leaves_by_its_border
compensateEventDefinition | 补偿 | 全部或指定活动；等待完成 | a_named_activity_alone_is_undone
linkEventDefinition | 链接 | 同一作用域内 | a_link_goes_on_at_its_other_end
conditionalEventDefinition | 条件 | 变量改变时判断 | a_conditional_event_waits_until_a_variable_makes_it_true
eventDefinitionRef | 共用的事件定义 | 取所引用的定义 | an_event_definition_may_be_shared
parallelMultiple | 并行多事件 | 全部到齐才继续 | parallel_multiple_events_wait_for_all_of_them
""")
REST = _rows("""
collaboration、participant、messageFlow | 泳池与消息流 | 只画图；isExecutable="false" 的流程不运行 | xml_from_a_stranger_is_refused_before_it_does_harm
laneSet、lane、childLaneSet | 泳道 | 内层优先；子流程内的元素随子流程 | lanes_name_who_works_the_inner_one_wins
dataObject、dataObjectReference、dataStoreReference、property、dataInputAssociation、dataOutputAssociation | 数据 | 只画图（同 Camunda 8）；带赋值或变换的拒绝 | drawn_data_moves_nothing
textAnnotation、association、group、category | 注释 | 只画图；连到补偿处理的关联有效 | drawn_data_moves_nothing
""")
ZEEBE = _rows("""
zeebe:userTask | 人工任务标记 | 接受 | saving_and_loading_at_every_step_changes_nothing
zeebe:formDefinition | 表单 | formId，bindingType latest 或 deployment | assignments_are_worked_out_when_the_task_opens
zeebe:assignmentDefinition | 指派 | assignee、candidateGroups、candidateUsers | assignments_are_worked_out_when_the_task_opens
zeebe:taskSchedule | 日期 | dueDate、followUpDate | assignments_are_worked_out_when_the_task_opens
zeebe:priorityDefinition | 优先级 | 0–100 | a_wrong_assignment_fails_the_step_and_loses_nothing
zeebe:taskDefinition | 工作 | type、retries | inputs_are_local_and_vanish_with_the_task
zeebe:taskHeaders、zeebe:header | 工作的附加说明 | 原样交给处理程序 | headers_are_handed_to_whoever_works
zeebe:ioMapping、zeebe:input、zeebe:output | 变量映射 | 输入只在本活动内，输出决定什么出去 | outputs_say_what_leaves_a_task
zeebe:calledElement | 被调用的流程 | processId、bindingType、propagateAllParentVariables、propagateAllChildVariables | a_call_passes_variables_down_and_takes_them_back_as_it_says
zeebe:calledDecision | 被调用的决策 | decisionId、resultVariable、bindingType | a_decision_and_a_script_set_their_result
zeebe:script | 脚本 | expression、resultVariable | a_decision_and_a_script_set_their_result
zeebe:subscription | 消息关联键 | correlationKey | a_non_interrupting_message_repeats_and_keeps_its_token
zeebe:properties、zeebe:property | 属性 | 原样给出；startFrom、title、businessKey 为 FEEL | a_process_tells_which_variables_its_expressions_read
zeebe:loopCharacteristics | 多实例变量 | inputCollection、inputElement、outputCollection、outputElement | parallel_instances_collect_in_the_order_of_the_collection
zeebe:versionTag | 版本标签 | 读出 | a_version_tag_is_read
zeebe:adHoc | 即席的活动 | activeElementsCollection | an_ad_hoc_sub_process_may_choose_its_tasks
modelerTemplate… | 模板标记 | 忽略，只关设计 | a_version_tag_is_read
""")

BPMN_ATTRIBUTES = _rows(attributes.BPMN)
ZEEBE_ATTRIBUTES = _rows(attributes.ZEEBE)

SECTIONS = {
    "活动": ACTIVITIES, "网关与连线": GATEWAYS, "事件": EVENTS, "其余": REST, "Camunda 8 扩展": ZEEBE,
    "属性": BPMN_ATTRIBUTES, "Camunda 8 扩展的属性": ZEEBE_ATTRIBUTES,
}  # fmt: skip

REFUSED = _rows("""
executionListeners、taskListeners | 监听器 | 拒绝 | a_diagram_that_breaks_a_rule_is_refused_at_its_element
camunda:、activiti:、flowable:、operaton: | 其他引擎的扩展 | 拒绝，请先转换 | markup_that_means_nothing_to_us_is_refused
script 元素 | 其他脚本语言 | 拒绝 | markup_that_means_nothing_to_us_is_refused
bindingType="versionTag"、formKey、externalReference | 其余绑定 | 拒绝 | a_diagram_that_breaks_a_rule_is_refused_at_its_element
instantiate 的事件网关、eventGatewayType="Parallel" | 由网关启动 | 拒绝 | markup_that_means_nothing_to_us_is_refused
waitForCompletion="false" | 不等待的补偿 | 拒绝 | a_compensation_that_does_not_wait_is_refused
""")


def page() -> str:
    """Return the reference page."""
    parts = [_PAGE]
    for title, rows in SECTIONS.items():
        parts.append(_table(title, "运行", rows))
    parts += [_table("拒绝的", "处理", REFUSED), _CHANGES]
    return "\n".join(parts)


def _table(title: str, verb: str, rows: list[Row]) -> str:
    lines = [f"## {title}\n", f"| 元素 | 名称 | {verb} | 证明 |", "|---|---|---|---|"]
    lines += [
        f"| {'、'.join(f'`{tag}`' for tag in row.tag.split('、'))} | {row.name} | {row.note} | "
        f"`test_{row.proof}` |"
        for row in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(page())
