/** `wf-table`: rows with typed columns; on a phone each row is a card. */
import { html } from 'htm/preact';
import { useRef, useState } from 'preact/hooks';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { Cell } from './cells.js';
import { Frame } from './frame.js';
import { Icon } from './icons.js';
import { emptyRow } from './rows.js';

/** @typedef {import('./rows.js').Row} Row */

/** @param {import('./frame.js').FieldProps} props */
export function Table(props) {
  const { domId, field, readonly, disabled, value, onBlur } = props;
  const locked = Boolean(readonly || disabled);
  const mayAdd = !locked && field.allowAddRemove !== false;
  const rows = shownRows(field, value, mayAdd);
  const body = useRef(/** @type {HTMLElement | null} */ (null));
  const [removed, setRemoved] = useState(/** @type {{ row: Row, at: number } | null} */ (null));
  const change = (/** @type {Row[]} */ next) => props.onChange({ value: next });
  const focusRow = (/** @type {number} */ at) =>
    setTimeout(() => {
      const target =
        body.current?.children[at]?.querySelector(FOCUSABLE) ??
        body.current?.parentElement?.parentElement?.querySelector('.wf-table-add');
      /** @type {HTMLElement | null | undefined} */ (target)?.focus();
    });
  const add = () => {
    change([...rows, emptyRow(field.columns)]);
    focusRow(rows.length);
  };
  const remove = (/** @type {number} */ at) => {
    setRemoved({ row: rows[at], at });
    change(rows.toSpliced(at, 1));
    focusRow(Math.min(at, rows.length - 2));
  };
  const undo = () => {
    if (removed) {
      change(rows.toSpliced(removed.at, 0, removed.row));
      focusRow(removed.at);
    }
    setRemoved(null);
  };
  return html`<${Frame} props=${props}>
    <div class="wf-table-scroll" onFocusOut=${(/** @type {FocusEvent} */ event) => left(event) && onBlur?.()}>
      <table class="wf-table" aria-labelledby=${`${domId}-label`} aria-describedby=${`${domId}-error-message`}>
        <${Head} columns=${field.columns} mayRemove=${mayAdd} />
        <tbody ref=${body}>
          ${rows.map(
            (
              row,
              at,
            ) => html`<${Line} key=${at} id=${`${domId}-${at}`} columns=${field.columns} row=${row} at=${at} locked=${locked}
            onChange=${(/** @type {Row} */ next) => change(rows.with(at, next))} onRemove=${mayAdd ? () => remove(at) : null} />`,
          )}
        </tbody>
      </table>
      ${!rows.length && html`<p class="wf-table-none">${say(TEXTS.noRows)}</p>`}
    </div>
    ${
      mayAdd &&
      html`<div class="wf-table-foot">
      <button type="button" id=${domId} class="wf-table-add" disabled=${rows.length >= (field.maxRows ?? 50)} onClick=${add}><${Icon} name="plus" />${say(TEXTS.addRow)}</button>
      <span role="status">${removed && html`${say(TEXTS.removedRow, { row: removed.at + 1 })} · <button type="button" class="wf-table-undo" onClick=${undo}>${say(TEXTS.undo)}</button>`}</span>
    </div>`
    }
  <//>`;
}

Table.config = {
  type: 'wf-table',
  keyed: true,
  name: '表格',
  group: 'basic-input',
  emptyValue: [],
  sanitizeValue: (/** @type {{ value: unknown }} */ { value }) => (Array.isArray(value) ? value : []),
  create: (/** @type {object} */ options = {}) => ({ columns: [], ...options }),
};

const FOCUSABLE = 'input:not([readonly]), textarea:not([readonly]), select, button';

/**
 * @param {Record<string, any>} field
 * @param {unknown} value
 * @param {boolean} mayAdd
 * @returns {Row[]} one empty line to start with where lines may be added
 */
function shownRows(field, value, mayAdd) {
  const rows = Array.isArray(value) ? value : [];
  const least = mayAdd ? Math.max(field.minRows ?? 0, rows.length ? 0 : 1) : 0;
  const missing = Math.max(0, least - rows.length);
  return [...rows, ...Array.from({ length: missing }, () => emptyRow(field.columns))];
}

/** @param {FocusEvent} event */
function left(event) {
  return !(/** @type {Element} */ (event.currentTarget).contains(/** @type {Node | null} */ (event.relatedTarget)));
}

/** @param {{ columns: import('./rows.js').Column[], mayRemove: boolean }} props */
function Head({ columns, mayRemove }) {
  return html`<thead><tr>
    ${columns.map(({ key, label, required, type }) => html`<th key=${key} scope="col" class=${`is-${type}`}>${label}${required && html`<span class="fjs-asterix" aria-hidden="true">*</span>`}</th>`)}
    ${mayRemove && html`<td></td>`}
  </tr></thead>`;
}

/**
 * @param {{ id: string, columns: import('./rows.js').Column[], row: Row, at: number, locked: boolean,
 *   onChange: (row: Row) => void, onRemove: (() => void) | null }} props
 */
function Line({ id, columns, row, at, locked, onChange, onRemove }) {
  const name = say(TEXTS.removeRow, { row: at + 1 });
  return html`<tr>
    ${columns.map(
      (column) => html`<td key=${column.key} data-label=${column.label} class=${`is-${column.type}`}>
      <${Cell} id=${`${id}-${column.key}`} column=${column} value=${row[column.key]} locked=${locked || column.readonly}
        label=${`${say(TEXTS.row, { row: at + 1 })} ${column.label}`}
        onChange=${(/** @type {unknown} */ cell) => onChange({ ...row, [column.key]: cell })} />
    </td>`,
    )}
    ${onRemove && html`<td class="wf-table-remove"><button type="button" aria-label=${name} title=${name} onClick=${onRemove}><${Icon} name="close" /></button></td>`}
  </tr>`;
}
