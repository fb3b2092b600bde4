/** The diagram for those who don't see it: the same figures as a table. */
import { say } from '../shared/language.js';
import { TEXTS } from './texts.js';

/**
 * @param {import('./order.js').Step[]} steps
 * @param {import('./marks.js').Figures} figures
 * @param {(id: string) => void} onChoose
 * @returns {HTMLDetailsElement}
 */
export function textVersion(steps, { marks = {}, current = [] }, onChoose) {
  const details = document.createElement('details');
  details.className = 'wf-diagram-text';
  const summary = document.createElement('summary');
  summary.textContent = say(TEXTS.asText);
  const table = document.createElement('table');
  table.className = 'table';
  const shown = columns(steps, marks);
  table.createTHead().append(
    row(
      'th',
      shown.map(({ head, number }) => ({ text: say(head), number })),
    ),
  );
  const body = table.createTBody();
  for (const step of steps) {
    const line = row(
      'td',
      shown.map(({ cell, number }) => ({ text: cell(step, marks[step.id] ?? {}), number })),
    );
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = step.name || step.id;
    button.addEventListener('click', () => onChoose(step.id));
    line.cells[0].replaceChildren(
      button,
      ...(current.includes(step.id) ? [document.createTextNode(` · ${say(TEXTS.current)}`)] : []),
    );
    body.append(line);
  }
  const scroll = document.createElement('div');
  scroll.className = 'wf-diagram-table';
  scroll.tabIndex = 0;
  scroll.setAttribute('role', 'region');
  scroll.setAttribute('aria-label', say(TEXTS.asText));
  scroll.append(table);
  details.append(summary, scroll);
  return details;
}

/**
 * Only columns that say something.
 * @param {import('./order.js').Step[]} steps
 * @param {Record<string, import('./marks.js').Mark>} marks
 */
function columns(steps, marks) {
  /** @typedef {import('./order.js').Step} Step */
  /** @typedef {import('./marks.js').Mark} Mark */
  const counted = (/** @type {'open' | 'late' | 'passed'} */ name) => ({
    head: TEXTS[name],
    number: true,
    wanted: Object.values(marks).some((mark) => mark[name]),
    cell: (/** @type {Step} */ _, /** @type {Mark} */ mark) => String(mark[name] ?? 0),
  });
  return [
    { head: TEXTS.step, number: false, wanted: true, cell: (/** @type {Step} */ step) => step.name },
    {
      head: TEXTS.lane,
      number: false,
      wanted: steps.some(({ lane }) => lane),
      cell: (/** @type {Step} */ step) => step.lane,
    },
    counted('open'),
    counted('late'),
    counted('passed'),
    { head: TEXTS.next, number: false, wanted: true, cell: (/** @type {Step} */ step) => step.next.join('、') },
  ].filter(({ wanted }) => wanted);
}

/**
 * @param {'th' | 'td'} tag
 * @param {{ text: string, number: boolean }[]} cells
 */
function row(tag, cells) {
  const line = document.createElement('tr');
  for (const { text, number } of cells) {
    const cell = document.createElement(tag);
    cell.textContent = text;
    if (tag === 'th') cell.scope = 'col';
    if (number) cell.className = 'num';
    line.append(cell);
  }
  return line;
}
