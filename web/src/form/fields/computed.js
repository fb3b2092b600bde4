/** `expression` with its result in sight: form-js computes it, and shows nothing. */
import { ExpressionField as Theirs } from '@bpmn-io/form-js-viewer';
import { html } from 'htm/preact';
import { language } from '../../shared/language.js';
import { Frame } from './frame.js';

/** @param {import('./frame.js').FieldProps} props */
export function Computed(props) {
  const { domId, field, value } = props;
  return html`<${Theirs} ...${props} />${
    field.label &&
    html`<${Frame} props=${props} labelFor=${domId}>
      <output id=${domId} class="wf-computed" aria-describedby=${`${domId}-description`}>${shown(value)}</output>
    <//>`
  }`;
}

Computed.config = { ...Theirs.config, escapeGridRender: false };

/**
 * @param {unknown} value
 * @returns {string} a whole number as it is, any other with two places, as money has
 */
export function shown(value) {
  if (typeof value !== 'number') return value === null || value === undefined ? '–' : String(value);
  const places = Math.abs(value - Math.round(value)) < 0.005 ? 0 : 2;
  return value.toLocaleString(language(), { minimumFractionDigits: places, maximumFractionDigits: places });
}
