/** What every page says on its own. */

/** @satisfies {Record<string, import('../shared/language.js').Text>} */
export const TEXTS = {
  undo: { zh: '撤销', en: 'Undo' },
  undone: { zh: '已撤销', en: 'Undone' },
  close: { zh: '关闭', en: 'Close' },
  offline: {
    zh: '网络断开。已填的内容还在，恢复后再继续。',
    en: 'Offline. What you entered is still here; go on when the network is back.',
  },
  keys: { zh: '键盘操作', en: 'Keyboard' },
  keysOff: { zh: '单字母快捷键', en: 'Single-letter keys' },
  next: { zh: '下一条', en: 'Next' },
  previous: { zh: '上一条', en: 'Previous' },
  open: { zh: '打开', en: 'Open' },
  select: { zh: '选择', en: 'Select' },
  range: { zh: '连续选择', en: 'Select a range' },
  search: { zh: '搜索', en: 'Search' },
  list: { zh: '打开这张表', en: 'This list' },
  back: { zh: '返回上一层', en: 'Back one level' },
  submit: { zh: '在填写时提交', en: 'Submit from a field' },
  go: { zh: '去{place}', en: 'Go to {place}' },
};
