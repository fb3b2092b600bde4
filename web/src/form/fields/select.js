/** A choice from a list as the browser's own control: form-js draws one without a role, which keyboards and screen readers miss. */
import { LocalExpressionContext, FormContext, Select as Theirs, runExpressionEvaluation } from '@bpmn-io/form-js-viewer';
import { html } from 'htm/preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { describedBy, Frame } from './frame.js';

/** @typedef {{ label: string, value: unknown }} Option */

/** @param {import('./frame.js').FieldProps} props */
export function Select(props) {
  return props.field.searchable ? html`<${Theirs} ...${props} />` : html`<${Plain} ...${props} />`;
}

Select.config = Theirs.config;

/** @param {import('./frame.js').FieldProps} props */
function Plain(props) {
  const { disabled, domId, errors, field, readonly, value } = props;
  const options = useOptions(field);
  const at = options.findIndex((option) => same(option.value, value));
  const gone = value !== null && value !== undefined && at === -1;
  useEffect(() => { if (gone && !readonly && !disabled) props.onChange({ value: null }); }, [gone]);
  const pick = (/** @type {Event} */ event) => {
    const index = Number(/** @type {HTMLSelectElement} */ (event.target).value);
    props.onChange({ value: options[index]?.value ?? null });
  };
  return html`<${Frame} props=${props} labelFor=${domId}>
    <select id=${domId} class="wf-select" value=${String(at)} disabled=${disabled || readonly} required=${field.validate?.required}
      aria-invalid=${String(Boolean(errors?.length))} aria-describedby=${describedBy(props)} onChange=${pick} onBlur=${props.onBlur} onFocus=${props.onFocus}>
      <option value="-1">${say(TEXTS.choose)}</option>
      ${options.map((option, index) => html`<option key=${index} value=${String(index)}>${option.label}</option>`)}
    </select>
  <//>`;
}

/**
 * Options as form-js finds them: listed, named by a key of the initial data, or computed.
 * @param {Record<string, any>} field
 * @returns {Option[]}
 */
function useOptions(field) {
  const { getService } = useContext(/** @type {any} */ (FormContext));
  const context = useContext(LocalExpressionContext);
  const { initialData } = getService('form')._getState();
  const found = field.valuesExpression
    ? runExpressionEvaluation(getService('expressionLanguage'), field.valuesExpression, context)
    : (field.values ?? initialData?.[field.valuesKey]);
  return useMemo(() => (Array.isArray(found) ? found.filter((item) => item !== null).map(toOption) : []), [JSON.stringify(found)]);
}

/** @param {any} item */
function toOption(item) {
  return typeof item === 'object' ? { label: String(item.label ?? item.value), value: item.value ?? item.label } : { label: String(item), value: item };
}

/**
 * @param {unknown} left
 * @param {unknown} right
 */
function same(left, right) {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
