/** Make a form-js viewer of our own: our texts, our fields, our rules. */
import { Form, formFields } from '@bpmn-io/form-js-viewer';
import { Computed } from './fields/computed.js';
import { Datetime } from './fields/datetime.js';
import { Case, Person, Room } from './fields/lookup.js';
import { Photo } from './fields/photo.js';
import { Select } from './fields/select.js';
import { Sheet } from './fields/sheet.js';
import { Signature } from './fields/signature.js';
import { Table } from './fields/table.js';
import { Upload } from './fields/upload.js';
import { OwnRules, withStar } from './rules.js';
import { setUpSwaps } from './swaps.js';
import { Untold } from './touching.js';
import { translate } from './translate.js';

const OWN = [Upload, Photo, Signature, Person, Room, Case, Table, Sheet];
/** Controls of our own for types that form-js has. */
const INSTEAD = [Select, Datetime, Computed];

setUpSwaps(translate);

/** @param {any} fields the viewer's registry of components */
function OwnFields(fields) {
  const theirs = formFields.filter(
    (component) =>
      /** @type {any} */ (component.config).keyed &&
      !INSTEAD.some(({ config }) => config.type === component.config.type),
  );
  for (const component of [...theirs, ...OWN, ...INSTEAD]) fields.register(component.config.type, withStar(component));
}
OwnFields.$inject = ['formFields'];

/**
 * @param {import('./fields/frame.js').Settings} settings
 * @returns {any} a form without a schema yet
 */
export function createViewer(settings) {
  return new Form(
    /** @type {any} */ ({
      additionalModules: [
        {
          __init__: ['ownFields', 'ownRules', 'untold'],
          ownFields: ['type', OwnFields],
          ownRules: ['type', OwnRules],
          untold: ['type', Untold],
          translate: ['value', translate],
        },
      ],
      // With a delay, a value that another field hands over meanwhile wipes out what is being typed.
      debounce: false,
      wuyeflow: settings,
    }),
  );
}
