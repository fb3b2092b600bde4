/** The frame around a field of our own: label, hint and errors exactly as the viewer's fields have them. */
import { Description, Errors, FormContext, Label } from '@bpmn-io/form-js-viewer';
import { html } from 'htm/preact';
import { useContext } from 'preact/hooks';

/**
 * @typedef {{ domId: string, errors?: string[], disabled?: boolean, readonly?: boolean, field: Record<string, any>,
 *   value: any, onChange: (change: { value: unknown }) => void, onBlur?: () => void, onFocus?: () => void }} FieldProps
 */

/**
 * @typedef {{ uploadUrl: string, lookupUrl: string, labels: Record<string, Record<string, string>>, transfers: Transfers }} Settings
 * @typedef {{ running: Set<string>, failed: Set<string> }} Transfers
 */

/** @returns {Settings} what the element was given, for fields that talk to the server */
export function useSettings() {
  const { getService } = useContext(/** @type {any} */ (FormContext));
  return getService('config').wuyeflow;
}

/** @param {{ props: FieldProps, labelFor?: string, children: any }} given */
export function Frame({ props, labelFor, children }) {
  const { domId, errors = [], field, disabled, readonly } = props;
  const classes = [
    'fjs-form-field',
    `fjs-form-field-${field.type}`,
    errors.length && 'fjs-has-errors',
    disabled && 'fjs-disabled',
    readonly && 'fjs-readonly',
  ];
  return html`<div class=${classes.filter(Boolean).join(' ')} role=${labelFor ? null : 'group'} aria-labelledby=${labelFor ? null : `${domId}-label`}>
    <${Label} id=${`${domId}-label`} htmlFor=${labelFor} label=${field.label} required=${field.validate?.required} />
    ${children}
    <${Description} id=${`${domId}-description`} description=${field.description} />
    <${Errors} id=${`${domId}-error-message`} errors=${errors} />
  </div>`;
}

/** @param {FieldProps} props ids of hint and errors, for `aria-describedby` */
export function describedBy({ domId }) {
  return `${domId}-description ${domId}-error-message`;
}
