/** Rules of our own beside form-js's: `requiredIf`, tables and uploads; the server checks the same again. */
import { LocalExpressionContext, FormContext, runUnaryTestEvaluation } from '@bpmn-io/form-js-viewer';
import { h } from 'preact';
import { useContext, useMemo } from 'preact/hooks';
import { tableProblems } from './fields/rows.js';
import { useTouching } from './touching.js';

/** @typedef {Record<string, any>} Field */

/**
 * A module of the viewer: lets its validator know our rules.
 * @param {any} validator
 * @param {any} formFieldRegistry
 * @param {any} expressionLanguage
 * @param {(text: string) => string} translate
 */
export function OwnRules(validator, formFieldRegistry, expressionLanguage, translate) {
  const theirs = validator.validateFieldInstance.bind(validator);
  validator.validateFieldInstance = (/** @type {any} */ instance, /** @type {unknown} */ value) => {
    const field = formFieldRegistry.get(instance.id);
    const problems = theirs(instance, value);
    if (!field) return problems;
    const required = isRequired(field, expressionLanguage, instance.expressionContextInfo);
    const told = !problems.length && required && isEmpty(field, value) ? [translate('Field is required.')] : [];
    return [...problems, ...told, ...(field.type === 'wf-table' ? tableProblems(field, value) : [])];
  };
}
OwnRules.$inject = ['validator', 'formFieldRegistry', 'expressionLanguage', 'translate'];

/**
 * Wrap a viewer's component so that its red star follows `requiredIf`, and its problems wait for a touch.
 * @param {any} Component
 */
export function withStar(Component) {
  const Starred = (/** @type {any} */ props) => {
    const context = useContext(LocalExpressionContext);
    const { getService } = useContext(/** @type {any} */ (FormContext));
    const required = isRequired(props.field, getService('expressionLanguage'), context);
    const field = useMemo(
      () => (required ? { ...props.field, validate: { ...props.field.validate, required } } : props.field),
      [props.field, required],
    );
    return h(Component, { ...props, ...useTouching(props), field });
  };
  Starred.config = Component.config;
  return Starred;
}

/**
 * @param {Field} field
 * @param {any} expressionLanguage
 * @param {any} context
 * @returns {boolean}
 */
function isRequired(field, expressionLanguage, context) {
  if (field.validate?.required) return true;
  const condition = field.properties?.requiredIf;
  return Boolean(condition) && runUnaryTestEvaluation(expressionLanguage, condition, context) === true;
}

/**
 * @param {Field} field
 * @param {unknown} value
 */
function isEmpty(field, value) {
  if (field.type === 'checkbox') return value !== true;
  return value === null || value === undefined || value === '' || (Array.isArray(value) && value.length === 0);
}
