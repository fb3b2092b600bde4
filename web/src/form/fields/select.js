/** A choice from a list, short or searchable, in controls that keyboards and screen readers know; form-js draws them without a role. */
import {
  LocalExpressionContext,
  FormContext,
  Select as Theirs,
  runExpressionEvaluation,
} from '@bpmn-io/form-js-viewer';
import { html } from 'htm/preact';
import { useContext, useEffect, useMemo } from 'preact/hooks';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { describedBy, Frame } from './frame.js';
import { Picker } from './lookup.js';

/** @typedef {{ label: string, value: unknown }} Option */

/** @param {import('./frame.js').FieldProps} props */
export function Select(props) {
  const { disabled, field, readonly, value } = props;
  const options = useOptions(field);
  const at = options.findIndex((option) => same(option.value, value));
  const gone = value !== null && value !== undefined && at === -1;
  useEffect(() => {
    if (gone && !readonly && !disabled) props.onChange({ value: null });
  }, [gone]);
  const pick = (/** @type {number} */ index) => props.onChange({ value: options[index]?.value ?? null });
  return html`<${Frame} props=${props} labelFor=${props.domId}>
    <${field.searchable ? Searchable : Plain} props=${props} options=${options} at=${at} pick=${pick} />
  <//>`;
}

Select.config = Theirs.config;

/** @typedef {{ props: import('./frame.js').FieldProps, options: Option[], at: number, pick: (index: number) => void }} Choice */

/** @param {Choice} choice */
function Searchable({ props, options, at, pick }) {
  const items = useMemo(() => options.map(({ label }, index) => ({ key: String(index), label })), [options]);
  return html`<${Picker} id=${props.domId} kind="option" settings=${{ items }} value=${at === -1 ? null : String(at)} locked=${props.disabled || props.readonly}
    describedBy=${describedBy(props)} invalid=${Boolean(props.errors?.length)} onBlur=${props.onBlur}
    onChange=${(/** @type {string | null} */ key) => pick(key === null ? -1 : Number(key))} />`;
}

/** @param {Choice} choice */
function Plain({ props, options, at, pick }) {
  const { disabled, domId, errors, field, readonly } = props;
  return html`<select id=${domId} class="wf-select" value=${String(at)} disabled=${disabled || readonly} required=${field.validate?.required}
    aria-invalid=${String(Boolean(errors?.length))} aria-describedby=${describedBy(props)} onBlur=${props.onBlur} onFocus=${props.onFocus}
    onChange=${(/** @type {Event} */ event) => pick(Number(/** @type {HTMLSelectElement} */ (event.target).value))}>
    <option value="-1">${say(TEXTS.choose)}</option>
    ${options.map((option, index) => html`<option key=${index} value=${String(index)}>${option.label}</option>`)}
  </select>`;
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
  return useMemo(
    () => (Array.isArray(found) ? found.filter((item) => item !== null).map(toOption) : []),
    [JSON.stringify(found)],
  );
}

/** @param {any} item */
function toOption(item) {
  return typeof item === 'object'
    ? { label: String(item.label ?? item.value), value: item.value ?? item.label }
    : { label: String(item), value: item };
}

/**
 * @param {unknown} left
 * @param {unknown} right
 */
function same(left, right) {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}
