/** Moments, rows and prepared forms, without a browser. */
import assert from 'node:assert/strict';
import { test } from 'node:test';

process.env.TZ = 'Asia/Shanghai';
globalThis.document = /** @type {any} */ ({ documentElement: { lang: 'zh-CN' } });

const { momentOf, partsOf, timeFrom, timeOf } = await import('../src/form/fields/moments.js');
const { emptyRow, tableProblems } = await import('../src/form/fields/rows.js');
const { prepare } = await import('../src/form/schema.js');

test('a moment keeps its instant through the controls', () => {
  for (const format of /** @type {const} */ (['utc_offset', 'utc_normalized', 'no_timezone'])) {
    const stored = momentOf({ date: '2026-03-01', time: '00:15' }, format);
    assert.deepEqual(partsOf(stored), { date: '2026-03-01', time: '00:15' }, format);
  }
  assert.equal(momentOf({ date: '2026-03-01', time: '00:15' }, 'utc_normalized'), '2026-02-28T16:15Z');
});

test('half a moment is none, and nonsense is empty', () => {
  assert.equal(momentOf({ date: '2026-03-01', time: '' }), null);
  assert.equal(momentOf({ date: '2026-02-30', time: 'x' }), null);
  assert.deepEqual(partsOf('gestern'), { date: '', time: '' });
  assert.deepEqual(partsOf(null), { date: '', time: '' });
});

test('a time keeps its offset', () => {
  assert.equal(timeOf('09:30', 'utc_offset'), '09:30+08:00');
  assert.equal(timeFrom('01:30Z'), '09:30');
  assert.equal(timeFrom('09:30'), '09:30');
  assert.equal(timeFrom('soon'), '');
});

const COLUMNS = [
  { key: 'what', label: '措施', type: 'text', required: true, maxLength: 4 },
  { key: 'cost', label: '费用', type: 'number', min: 0, max: 9 },
  { key: 'point', label: '项目', type: 'text', readonly: true },
];

test('rows that nobody touched are neither wrong nor counted', () => {
  const rows = [{ ...emptyRow(COLUMNS), point: '电梯' }];
  assert.deepEqual(tableProblems({ columns: COLUMNS }, rows), []);
  assert.deepEqual(tableProblems({ columns: COLUMNS, minRows: 1 }, rows), ['至少填 1 行。']);
});

test('a wrong cell is named by row and column', () => {
  const rows = [
    { what: '', cost: 1 },
    { what: '很长很长的', cost: -1 },
    { what: '好', cost: '贵' },
    { what: '好', cost: 10 },
  ];
  assert.deepEqual(tableProblems({ columns: COLUMNS }, rows), [
    '第 1 行「措施」必填。',
    '第 2 行「措施」最多 4 个字。',
    '第 2 行「费用」不能小于 0。',
    '第 3 行「费用」要填数字。',
    '第 4 行「费用」不能大于 9。',
  ]);
});

test('English replaces what has English, the schema itself stays', () => {
  const schema = {
    type: 'default',
    components: [
      {
        type: 'radio',
        label: '方式',
        values: [
          { label: '电话', value: 'phone' },
          { label: '来访', value: 'visit' },
        ],
        properties: {
          label_en: 'By',
          hint: '选一个',
          hint_en: 'Choose',
          options_en: 'phone=Telephone = landline',
          carried: 'true',
        },
      },
    ],
  };
  const [english] = prepare(schema, 'en').components;
  const [chinese] = prepare(schema, 'zh').components;

  assert.equal(english.label, 'By');
  assert.deepEqual(
    english.values.map(({ label }) => label),
    ['Telephone = landline', '来访'],
  );
  assert.match(english.description, /^Choose /);
  assert.equal(chinese.label, '方式');
  assert.equal(chinese.description, '选一个 由前面步骤带入，可修改。');
  assert.equal(schema.components[0].label, '方式');
});
