/** Make a form-js viewer of our own: our texts, our fields, our rules. */
import { Form, formFields } from '@bpmn-io/form-js-viewer';
import zh from '../zh/form.js';
import { fill, language } from '../shared/language.js';
import { setUpDates } from './dates.js';
import { Case, Person, Room } from './fields/lookup.js';
import { Select } from './fields/select.js';
import { Table } from './fields/table.js';
import { Upload } from './fields/upload.js';
import { OwnRules, withStar } from './rules.js';
import { setUpSwaps } from './swaps.js';

/** Texts that were asked for and are in no dictionary; tests expect none. */
export const missing = new Set();

const OWN = [Upload, Person, Room, Case, Table];

/**
 * @param {string} text
 * @param {Record<string, unknown>} [values]
 */
function translate(text, values) {
  if (language() === 'en') return fill(text, values);
  if (!(text in zh)) missing.add(text);
  return fill(zh[text] ?? text, values);
}

setUpDates();
setUpSwaps(translate);

/** @param {any} fields the viewer's registry of components */
function OwnFields(fields) {
  const theirs = formFields.filter((component) => (/** @type {any} */ (component.config)).keyed && component.config.type !== 'select');
  for (const component of [...theirs, ...OWN, Select]) fields.register(component.config.type, withStar(component));
}
OwnFields.$inject = ['formFields'];

/**
 * @param {import('./fields/frame.js').Settings} settings
 * @returns {any} a form without a schema yet
 */
export function createViewer(settings) {
  return new Form(/** @type {any} */ ({
    additionalModules: [{
      __init__: ['ownFields', 'ownRules'],
      ownFields: ['type', OwnFields],
      ownRules: ['type', OwnRules],
      translate: ['value', translate],
    }],
    wuyeflow: settings,
  }));
}
