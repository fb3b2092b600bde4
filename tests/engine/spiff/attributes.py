"""What each attribute does, with the test that proves it: rows of docs/reference/bpmn.md."""

BPMN = """
id | 标识 | 全文件唯一，连线和任务都用它 | a_diagram_that_breaks_a_rule_is_refused_at_its_element
name | 名称 | 显示给人；消息与信号按它对应 | messages_are_left_to_others_with_name_key_and_content
isExecutable | 可执行 | false 的流程不运行 | xml_from_a_stranger_is_refused_before_it_does_harm
processType、isClosed、implementation、scriptFormat、method、gatewayDirection | 说明 | 读得懂，不影响运行；值不成立或与图不符就拒绝 | a_mutated_diagram_is_refused_or_runs_but_never_crashes
sourceRef、targetRef | 连线两端 | 须在同一作用域 | a_diagram_that_breaks_a_rule_is_refused_at_its_element
isImmediate | 立即 | 只能是 true | a_mutated_diagram_is_refused_or_runs_but_never_crashes
startQuantity、completionQuantity | 令牌数量 | 不小于 1 | quantities_multiply_and_gather_tokens
isForCompensation | 补偿活动 | 只在撤销时运行 | what_was_done_is_undone_backwards_and_only_once
default | 默认连线 | 其余条件都不成立时走 | a_task_may_choose_among_its_outgoing_flows
messageRef、operationRef | 消息 | 等待或发出的消息 | messages_are_left_to_others_with_name_key_and_content
instantiate | 启动流程 | 接收任务可以；事件网关拒绝 | a_receive_task_may_start_a_process
triggeredByEvent | 事件子流程 | 由开始事件触发 | an_interrupting_event_sub_process_stops_everything_around_it
ordering、cancelRemainingInstances | 即席子流程 | 并行或依次；完成时是否取消其余 | an_ad_hoc_sub_process_ends_when_its_condition_holds
isInterrupting、cancelActivity | 是否中断 | 不中断的可以反复触发 | a_non_interrupting_message_repeats_and_keeps_its_token
parallelMultiple | 并行多事件 | 全部到齐才继续 | parallel_multiple_events_wait_for_all_of_them
attachedToRef | 边界事件的宿主 | 同一作用域里的活动 | a_diagram_that_breaks_a_rule_is_refused_at_its_element
"""

ZEEBE = """
formId、bindingType、versionTag、value | 表单与版本 | 最新的或一并部署的；versionTag 绑定拒绝，流程的版本标签读入 | a_version_tag_is_read
assignee、candidateGroups、candidateUsers、priority、dueDate、followUpDate | 指派与日期 | 打开任务时算出 | assignments_are_worked_out_when_the_task_opens
type、retries | 工作的种类与重试 | 可用 FEEL | headers_are_handed_to_whoever_works
id、key、name | 名称 | 任务头与属性的名称 | headers_are_handed_to_whoever_works
source、target | 映射 | FEEL 到变量路径 | outputs_say_what_leaves_a_task
processId、propagateAllChildVariables、propagateAllParentVariables | 调用流程 | 向下向上带变量 | a_call_passes_variables_down_and_takes_them_back_as_it_says
decisionId、resultVariable、expression | 决策与脚本 | 结果存进变量 | a_decision_and_a_script_set_their_result
correlationKey | 关联键 | 等待时算出 | messages_are_left_to_others_with_name_key_and_content
inputCollection、inputElement、outputCollection、outputElement | 多实例 | 按集合的顺序收集 | parallel_instances_collect_in_the_order_of_the_collection
activeElementsCollection | 即席的活动 | 选出要做的 | an_ad_hoc_sub_process_may_choose_its_tasks
"""
