/** Chinese for the properties panel; a click-through in the tests expects no key to be missing. */

/** @type {Record<string, string>} */
export default {
  // the frame
  'Open documentation': '打开说明', 'Toggle section': '展开或收起', 'Section contains an error': '这一组有错', 'Section contains edits': '这一组有内容',
  '<empty>': '（空）', 'Toggle list item': '展开或收起这一项', 'Delete item': '删除这一项', 'Create new list item': '加一项', Create: '新建',
  'List contains {numOfItems} item': '共 {numOfItems} 项', 'List contains {numOfItems} items': '共 {numOfItems} 项', 'JSON contains errors': 'JSON 有错',
  'Open pop-up editor': '打开大编辑框', 'Opened in editor': '已在大编辑框打开', 'FEEL expression is mandatory': '这里要写 FEEL 表达式',
  'Click to remove dynamic value with FEEL expression': '改为固定值', 'Click to set a dynamic value with FEEL expression': '改为 FEEL 表达式',
  'Unparsable FEEL expression.': 'FEEL 表达式写法有误。', Close: '关闭', Search: '查找',
  'Select an element to edit its properties.': '选中一个元素，在这里改它的属性。',
  'Multiple elements are selected. Select a single element to edit its properties.': '选中了多个元素。只选一个，才能改属性。',
  // general
  General: '基本', Name: '名称', ID: '编号', 'Participant Name': '泳池名称', 'Participant ID': '泳池编号', 'Process ID': '流程编号', 'Process name': '流程名称', Executable: '可执行',
  'Version tag': '版本标记', Documentation: '说明', 'Element documentation': '说明文字', 'Process documentation': '流程说明文字', BPMN: 'BPMN',
  'ID must be a valid QName.': '编号只能用字母、数字、下划线和连字符，并以字母或下划线开头。', 'ID must be unique.': '编号不能重复。', 'ID must not be empty.': '编号不能为空。',
  'ID must not contain prefix.': '编号不能带前缀。', 'ID must not contain spaces.': '编号不能有空格。',
  // tasks
  Implementation: '实现方式', 'Implementation type': '实现方式', 'Camunda user task': '由本系统派给人', 'Job worker': '由处理程序完成', 'DMN decision': '决策表', 'FEEL expression': 'FEEL 表达式',
  'Task definition': '处理程序', Type: '类型', 'Job type': '处理程序名', Retries: '重试次数', Headers: '处理参数', Key: '名', Value: '值', Script: '计算', 'Result variable': '结果变量',
  'Called decision': '决策', 'Decision ID': '决策编号', 'Called element': '被调用的流程', Binding: '绑定', latest: '最新版', deployment: '同一次部署', 'version tag': '版本标记', versionTag: '版本标记',
  Assignment: '派给谁', Assignee: '办理人', 'Candidate groups': '候选岗位', 'Candidate users': '候选人', 'Due date': '到期时间', 'Follow up date': '提醒时间', Priority: '优先级',
  'Assignment type': '指派方式', Form: '表单', 'Camunda Form': '本系统表单', 'Camunda Form (linked)': '本系统表单（引用）', 'Camunda Form (embedded)': '内嵌表单', 'Custom form key': '自定义表单键',
  'External form reference': '外部表单', 'Form ID': '表单编号', 'Form JSON configuration': '表单 JSON', '<none>': '（无）', 'Form key': '表单键', 'Form reference': '表单编号',
  // data
  'Input mapping': '输入映射', 'Output mapping': '输出映射', 'Local variable name': '本步变量名', 'Process variable name': '流程变量名', 'Variable assignment value': '取值', Source: '来源', Target: '去向',
  'Input propagation': '传入变量', 'Output propagation': '传出变量', 'Propagate all parent process variables': '传入全部变量', 'Propagate all child process variables': '传出全部变量', On: '开', Off: '关',
  'If turned on, all variables from the parent process instance will be propagated to the child process instance.': '打开后，上级流程的变量全部传入。',
  'If turned on, all variables from the child process instance will be propagated to the parent process instance.': '打开后，被调用流程的变量全部传回。',
  'Otherwise, only variables defined via input mappings will be propagated.': '关闭时，只传输入映射里的变量。',
  'Otherwise, only variables defined via output mappings will be propagated.': '关闭时，只传输出映射里的变量。',
  'Extension properties': '其他属性', 'Business key': '业务编号', Properties: '属性', Local: '本步',
  'Task listeners': '任务监听', 'Execution listeners': '执行监听', 'Listener type': '监听类型',
  // flow and events
  Condition: '条件', 'Condition expression': '条件表达式', 'Activity reference': '对应环节', 'Wait for completion': '等待完成', Compensation: '补偿', Link: '链接',
  Message: '消息', 'Global message reference': '消息', 'Subscription correlation key': '关联键', Signal: '信号', 'Global signal reference': '信号', Error: '错误', 'Global error reference': '错误',
  Code: '代码', Escalation: '升级', 'Global escalation reference': '升级', 'Create new ...': '新建 …', Timer: '定时', Date: '时刻', Duration: '时长', Cycle: '周期',
  'How to configure a timer': '定时写法', 'Documentation: Timer events': '说明：定时事件', 'Timer documentation': '定时说明', Version: '版本',
  'A specific point in time defined as ISO 8601 combined date and time representation.': '一个时刻，按 ISO 8601 写日期和时间。',
  'A time duration defined as ISO 8601 durations format.': '一段时长，按 ISO 8601 写。', 'A cycle defined as ISO 8601 repeating intervals format.': '周期，按 ISO 8601 重复间隔写。',
  'A cycle defined as ISO 8601 repeating intervals format, or a cron expression.': '周期，按 ISO 8601 重复间隔或 cron 表达式写。',
  'UTC time': '协调世界时', 'UTC plus 2 hours zone offset': '带时区偏移', '15 seconds': '15 秒', '1 hour and 30 minutes': '1 小时 30 分钟', '14 days': '14 天',
  'every 10 seconds, up to 5 times': '每 10 秒一次，最多 5 次', 'every day, infinitely': '每天一次', 'every hour on the hour from 9-5 p.m. UTC Monday-Friday': '周一至周五 9 点到 17 点，每小时整点',
  'Multi-instance': '多实例', 'Input collection': '逐项的集合', 'Input element': '一项的变量名', 'Output collection': '结果集合', 'Output element': '一项的结果', 'Completion condition': '提前结束条件',
  'Loop cardinality': '次数', Completion: '完成条件', 'Cancel remaining instances': '结束其余各项', 'Active elements': '启动的环节', 'Active elements collection': '启动的环节集合',
  'Start initiator': '发起人', 'Global error': '错误', 'Variable names': '变量名', 'Variable events': '变量事件', 'Event type': '事件类型', Exclusive: '独占', Before: '之前', After: '之后', Update: '更新',
};
