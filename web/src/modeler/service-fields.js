/** The properties of our own in a diagram, with the words a designer reads. */

/**
 * @typedef {import('../shared/language.js').Text} Text
 * @typedef {{ name: string, kind: 'text' | 'area' | 'choice' | 'flag', label: Text, hint?: Text, pattern?: RegExp, wrong?: Text, options?: [string, Text][] }} Field
 */

const DURATION = /^P(?=\d|T\d)(\d+W|(\d+D)?(T(\d+H)?(\d+M)?)?)$/;
const WRONG_DURATION = { zh: '写成 PT15M、PT8H、P1D 这样。', en: 'Write it like PT15M, PT8H or P1D.' };

/**
 * @param {string} name
 * @param {Text} label
 * @param {Text} [hint]
 * @returns {Field}
 */
function duration(name, label, hint) {
  return { name, kind: 'text', label, hint, pattern: DURATION, wrong: WRONG_DURATION };
}

/**
 * @param {string} name
 * @param {Text} label
 * @param {Text} [hint]
 * @returns {Field}
 */
function area(name, label, hint) {
  return { name, kind: 'area', label, hint };
}

/** @type {Field[]} */
export const STEP_FIELDS = [
  duration(
    'timeStandard',
    { zh: '办理时限', en: 'Time standard' },
    {
      zh: 'PT8H 是 8 小时，P1D 是 1 天；按工作时间计时就是工作小时、工作日。',
      en: 'PT8H is 8 hours, P1D one day; working hours and days on the working clock.',
    },
  ),
  duration('claimStandard', { zh: '签收时限', en: 'Claim standard' }),
  duration('openStandard', { zh: '打开时限', en: 'Open standard' }),
  {
    name: 'clock',
    kind: 'choice',
    label: { zh: '计时方式', en: 'Clock' },
    options: [
      ['working', { zh: '工作时间', en: 'Working time' }],
      ['calendar', { zh: '自然时间', en: 'Calendar time' }],
    ],
  },
  {
    name: 'startFrom',
    kind: 'text',
    label: { zh: '从何时起算', en: 'Counted from' },
    hint: {
      zh: 'FEEL，如 =case.T1_record.received_at；不写就从任务出现时起算。',
      en: 'FEEL, such as =case.T1_record.received_at; empty counts from when the task opens.',
    },
    pattern: /^=/,
    wrong: { zh: '以等号开头。', en: 'Begin with an equals sign.' },
  },
  {
    name: 'warnAt',
    kind: 'text',
    label: { zh: '预警点（%）', en: 'Warn at (%)' },
    hint: { zh: '用掉多少时提醒，如 50, 80', en: 'Share of the time used, such as 50, 80' },
    pattern: /^\d{1,3}(\s*,\s*\d{1,3})*$/,
    wrong: { zh: '写成 50, 80 这样。', en: 'Write it like 50, 80.' },
  },
  { name: 'escalation', kind: 'text', label: { zh: '升级阶梯', en: 'Escalation ladder' } },
  {
    name: 'policy',
    kind: 'text',
    label: { zh: '时限规定', en: 'Policy' },
    hint: { zh: '引用一条规定，上面各项由它给出。', en: 'A policy that supplies the fields above.' },
  },
  { name: 'pausable', kind: 'flag', label: { zh: '可以暂停计时', en: 'The clock may be paused' } },
  area(
    'serviceStandard',
    { zh: '服务标准', en: 'Service standard' },
    { zh: '业主能感受到什么。', en: 'What the customer experiences.' },
  ),
  area('providerStandard', { zh: '提供标准', en: 'Provider standard' }, { zh: '员工怎么做。', en: 'What staff do.' }),
  area(
    'inspectionStandard',
    { zh: '检查标准', en: 'Inspection standard' },
    { zh: '主管怎么查。', en: 'What the manager checks.' },
  ),
  area('script', { zh: '话术', en: 'Script' }),
  area('failPoints', { zh: '易错点', en: 'Fail points' }),
  {
    name: 'cost',
    kind: 'text',
    label: { zh: '标准成本（元）', en: 'Standard cost (yuan)' },
    pattern: /^\d+(\.\d{1,2})?$/,
    wrong: { zh: '写金额，最多两位小数。', en: 'An amount with at most two decimals.' },
  },
  {
    name: 'contact',
    kind: 'choice',
    label: { zh: '与业主接触', en: 'Customer contact' },
    options: [
      ['front', { zh: '前台', en: 'Front stage' }],
      ['back', { zh: '后台', en: 'Back stage' }],
    ],
  },
  {
    name: 'excludePerformerOf',
    kind: 'text',
    label: { zh: '不能由这些环节的办理人办', en: 'Not by the performer of' },
    hint: { zh: '环节编号，用逗号隔开。', en: 'Element ids, parted by commas.' },
  },
];

/** @type {Field[]} */
export const PROCESS_FIELDS = [
  {
    name: 'title',
    kind: 'text',
    label: { zh: '案件标题', en: 'Case title' },
    hint: { zh: 'FEEL，以等号开头。', en: 'FEEL, beginning with an equals sign.' },
  },
  {
    name: 'businessKey',
    kind: 'text',
    label: { zh: '案件编号', en: 'Business key' },
    hint: { zh: '样式，如 TS-{tenant}-{date}-{number}', en: 'A pattern such as TS-{tenant}-{date}-{number}' },
  },
  duration('firstAnswerStandard', { zh: '首次答复时限', en: 'First answer standard' }),
  duration('solutionStandard', { zh: '解决时限', en: 'Solution standard' }),
];
