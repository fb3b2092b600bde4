/** One cell of a `wf-table`, by the type of its column. */
import { html } from 'htm/preact';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { Picker } from './lookup.js';
import { momentOf, partsOf } from './moments.js';
import { forPhotos } from './photo.js';
import { Files } from './upload.js';

/**
 * @typedef {{ id: string, label: string, column: import('./rows.js').Column, value: any, locked?: boolean, onChange: (value: unknown) => void }} CellProps
 */

/** @param {CellProps} props */
export function Cell(props) {
  const kind = KINDS[props.column.type] ?? Text;
  return html`<${kind} ...${props} />`;
}

/** @param {Event} event */
function typed(event) {
  return /** @type {HTMLInputElement} */ (event.target).value;
}

/** @param {CellProps} props */
function Text({ id, label, column, value, locked, onChange }) {
  return html`<input id=${id} class="wf-cell" type="text" aria-label=${label} value=${value ?? ''} readonly=${locked}
    maxlength=${column.maxLength ?? 200} onInput=${(/** @type {Event} */ event) => onChange(typed(event))} />`;
}

/** @param {CellProps} props */
function Textarea({ id, label, column, value, locked, onChange }) {
  return html`<textarea id=${id} class="wf-cell" rows="2" aria-label=${label} value=${value ?? ''} readonly=${locked}
    maxlength=${column.maxLength ?? 2000} onInput=${(/** @type {Event} */ event) => onChange(typed(event))}></textarea>`;
}

/**
 * Commits on leaving the cell, so that “1.” on the way to “1.5” survives; text that is no number stays and is told.
 * @param {CellProps} props
 */
function Numeric({ id, label, column, value, locked, onChange }) {
  const read = (/** @type {string} */ text) => {
    const written = text.trim().replace(/[，,]/g, '');
    const number = Number(written);
    if (written === '') return null;
    return column.serializeToString || Number.isNaN(number) ? written : number;
  };
  return html`<input id=${id} class="wf-cell" type="text" inputmode="decimal" aria-label=${label} value=${value ?? ''} readonly=${locked}
    onChange=${(/** @type {Event} */ event) => onChange(read(typed(event)))} />`;
}

/** @param {CellProps} props */
function Day({ id, label, value, locked, onChange }) {
  return html`<input id=${id} class="wf-cell" type="date" aria-label=${label} value=${value ?? ''} readonly=${locked} max="9999-12-31"
    onChange=${(/** @type {Event} */ event) => onChange(typed(event) || null)} />`;
}

/** @param {CellProps} props */
function Moment({ id, label, value, locked, onChange }) {
  return html`<input id=${id} class="wf-cell" type="datetime-local" aria-label=${label} value=${toLocal(value)} readonly=${locked} max="9999-12-31T23:59"
    onChange=${(/** @type {Event} */ event) => onChange(fromLocal(typed(event)))} />`;
}

/** @param {CellProps} props */
function Choice({ id, label, column, value, locked, onChange }) {
  const options = column.options ?? [];
  const at = options.findIndex((/** @type {{ value: unknown }} */ option) => option.value === value);
  return html`<select id=${id} class="wf-cell" aria-label=${label} disabled=${locked} value=${String(at)}
    onChange=${(/** @type {Event} */ event) => onChange(options[Number(typed(event))]?.value ?? null)}>
    <option value="-1">${say(TEXTS.choose)}</option>
    ${options.map((/** @type {{ label: string }} */ option, /** @type {number} */ index) => html`<option key=${index} value=${String(index)}>${option.label}</option>`)}
  </select>`;
}

/** @param {CellProps} props */
function Check({ id, label, value, locked, onChange }) {
  return html`<input id=${id} class="fjs-input" type="checkbox" aria-label=${label} checked=${value === true} disabled=${locked}
    onChange=${(/** @type {Event} */ event) => onChange(/** @type {HTMLInputElement} */ (event.target).checked)} />`;
}

/** @param {CellProps} props */
function Person({ id, label, column, value, locked, onChange }) {
  return html`<${Picker} id=${id} kind="person" label=${label} settings=${column} value=${value} locked=${locked} onChange=${onChange} />`;
}

/** @param {CellProps} props */
function Place({ id, label, column, value, locked, onChange }) {
  return html`<${Picker} id=${id} kind="room" label=${label} settings=${column} value=${value} locked=${locked} onChange=${onChange} />`;
}

/** @param {CellProps} props */
function Photos({ id, label, column, value, locked, onChange }) {
  return html`<${Files} id=${id} photos label=${label} settings=${forPhotos(column)} value=${value ?? []} locked=${locked} onChange=${onChange} />`;
}

/** @param {CellProps} props */
function Attachments({ id, label, column, value, locked, onChange }) {
  return html`<${Files} id=${id} label=${label} settings=${column} value=${value ?? []} locked=${locked} onChange=${onChange} />`;
}

/** @type {Record<string, (props: CellProps) => any>} */
const KINDS = {
  text: Text,
  textarea: Textarea,
  number: Numeric,
  date: Day,
  datetime: Moment,
  select: Choice,
  checkbox: Check,
  person: Person,
  room: Place,
  upload: Attachments,
  photo: Photos,
};

/** @param {unknown} value @returns {string} as `datetime-local` wants it */
function toLocal(value) {
  const { date, time } = partsOf(value);
  return date && `${date}T${time}`;
}

/** @param {string} local @returns {string | null} 2026-11-22T09:30+08:00 */
function fromLocal(local) {
  const [date, time] = local.split('T');
  return momentOf({ date, time }, 'utc_offset');
}
