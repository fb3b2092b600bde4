/**
 * Date and time in the browser's own controls. form-js's pickers read dates in the browser's locale, and leniently
 * (2026/11/22 may silently become another day), overlap on phones, and lose what is typed fast.
 */
import { Datetime as Theirs, Description, Errors } from '@bpmn-io/form-js-viewer';
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { translate } from '../translate.js';
import { describedBy } from './frame.js';
import { momentOf, partsOf, timeFrom, timeOf, today } from './moments.js';

/** @typedef {import('./moments.js').Parts} Parts */

/** @param {import('./frame.js').FieldProps} props */
export function Datetime(props) {
  const { disabled, domId, errors = [], field, readonly, value, onBlur, onFocus } = props;
  const [parts, setParts] = useState(() => read(field, value));
  const written = useRef(value);
  useEffect(() => {
    if (value === written.current) return;
    written.current = value;
    setParts(read(field, value));
  }, [value]);
  const change = (/** @type {Partial<Parts>} */ part) => {
    const next = { ...parts, ...part };
    setParts(next);
    written.current = write(field, next);
    props.onChange({ value: written.current });
  };
  const left = (/** @type {FocusEvent} */ event) => {
    if (!(/** @type {Element} */ (event.currentTarget).contains(/** @type {Node | null} */ (event.relatedTarget))))
      onBlur?.();
  };
  const half = field.subtype === 'datetime' && !parts.date !== !parts.time;
  const told = half ? [translate('Date and time must both be entered.'), ...errors] : errors;
  const classes = [
    'fjs-form-field',
    'fjs-form-field-datetime',
    told.length && 'fjs-has-errors',
    disabled && 'fjs-disabled',
    readonly && 'fjs-readonly',
  ];
  const shared = {
    locked: readonly,
    disabled,
    required: field.validate?.required,
    describedBy: describedBy(props),
    invalid: told.length > 0,
  };
  return html`<div class=${classes.filter(Boolean).join(' ')}>
    <div class="wf-moment" onFocusOut=${left} onFocusIn=${onFocus}>
      ${
        field.subtype !== 'time' &&
        html`<${Part} ...${shared} id=${`${domId}-date`} type="date" label=${field.dateLabel} value=${parts.date}
        min=${field.disallowPassedDates ? today() : null} max="9999-12-31" onChange=${(/** @type {string} */ date) => change({ date })} />`
      }
      ${
        field.subtype !== 'date' &&
        html`<${Part} ...${shared} id=${`${domId}-time`} type="time" label=${field.timeLabel} value=${parts.time}
        onChange=${(/** @type {string} */ time) => change({ time })} />`
      }
    </div>
    <${Description} id=${`${domId}-description`} description=${field.description} />
    <${Errors} id=${`${domId}-error-message`} errors=${told} />
  </div>`;
}

Datetime.config = Theirs.config;

/**
 * @param {Record<string, any>} field
 * @param {unknown} value
 * @returns {Parts}
 */
function read({ subtype }, value) {
  if (subtype === 'time') return { date: '', time: timeFrom(value) };
  if (subtype === 'datetime') return partsOf(value);
  return { date: typeof value === 'string' ? value : '', time: '' };
}

/**
 * @param {Record<string, any>} field
 * @param {Parts} parts
 * @returns {string | null}
 */
function write({ subtype, timeSerializingFormat: format }, parts) {
  if (subtype === 'time') return timeOf(parts.time, format);
  if (subtype === 'datetime') return momentOf(parts, format);
  return parts.date || null;
}

/**
 * @param {{ id: string, type: 'date' | 'time', label?: string, value: string, locked?: boolean, disabled?: boolean, required?: boolean,
 *   invalid: boolean, describedBy: string, min?: string | null, max?: string, onChange: (value: string) => void }} props
 */
function Part({
  id,
  type,
  label,
  value,
  locked,
  disabled,
  required,
  invalid,
  describedBy: described,
  min,
  max,
  onChange,
}) {
  const words = label || translate(type === 'date' ? 'Date' : 'Time');
  return html`<div class="wf-moment-part">
    <label class=${`fjs-form-field-label ${label ? '' : 'unnamed'}`} for=${id}><span>${words}${required && html`<span class="fjs-asterix" aria-hidden="true">*</span>`}</span></label>
    <input id=${id} class="wf-cell" type=${type} value=${value} readonly=${locked} disabled=${disabled} required=${required} min=${min} max=${max}
      aria-invalid=${String(invalid)} aria-describedby=${described} onInput=${(/** @type {Event} */ event) => onChange(/** @type {HTMLInputElement} */ (event.target).value)} />
  </div>`;
}
