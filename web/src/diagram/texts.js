/** What the diagram says on its own. */

/** @satisfies {Record<string, import('../shared/language.js').Text>} */
export const TEXTS = {
  zoomIn: { zh: '放大', en: 'Zoom in' },
  zoomOut: { zh: '缩小', en: 'Zoom out' },
  fit: { zh: '显示全图', en: 'Show all' },
  hint: {
    zh: '方向键移动，加减键缩放，0 显示全图。下面有文字版。',
    en: 'Arrows move, plus and minus zoom, 0 shows all. A text version is below.',
  },
  picture: { zh: '流程图', en: 'Diagram' },
  asText: { zh: '流程图的文字版', en: 'The diagram as text' },
  step: { zh: '环节', en: 'Step' },
  lane: { zh: '由谁办', en: 'Who' },
  open: { zh: '在办', en: 'Open' },
  late: { zh: '超时', en: 'Late' },
  passed: { zh: '走过', en: 'Passed' },
  next: { zh: '之后', en: 'Then' },
  openBadge: { zh: '{count} 件在办', en: '{count} open' },
  lateBadge: { zh: '{count} 件超时', en: '{count} late' },
  current: { zh: '现在在这一步', en: 'Now here' },
  broken: { zh: '流程图没有打开：{reason}', en: 'The diagram did not open: {reason}' },
};
