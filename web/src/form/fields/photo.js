/** `wf-photo`: photos from the camera or the album, sent as soon as they are taken; the form keeps their ids. */
import { html } from 'htm/preact';
import { describedBy, Frame } from './frame.js';
import { Files } from './upload.js';

/** @param {import('./frame.js').FieldProps} props */
export function Photo(props) {
  const { field, value, domId } = props;
  return html`<${Frame} props=${props}>
    <${Files} id=${domId} photos settings=${forPhotos(field)} value=${value ?? []} label=${field.label}
      describedBy=${describedBy(props)} locked=${props.disabled || props.readonly}
      onChange=${(/** @type {string[]} */ ids) => props.onChange({ value: ids })} />
  <//>`;
}

Photo.config = {
  type: 'wf-photo',
  keyed: true,
  name: '照片',
  group: 'basic-input',
  emptyValue: [],
  sanitizeValue: (/** @type {{ value: unknown }} */ { value }) => (Array.isArray(value) ? value.map(String) : []),
  create: (/** @type {object} */ options = {}) => ({ ...options }),
};

/** @param {Record<string, any>} settings of the field or the column */
export function forPhotos(settings) {
  return { ...settings, accept: 'image/*', camera: true };
}
