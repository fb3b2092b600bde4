/** Prepare a form's definition for the viewer: the page's language, hints and carried values. */
import { say } from '../shared/language.js';
import { TEXTS } from './texts.js';

/** @typedef {Record<string, any>} Component */

const TRANSLATED = ['label', 'description', 'text', 'dateLabel', 'timeLabel', 'valuesExpression'];

/**
 * @param {Component} schema left as it is
 * @param {import('../shared/language.js').Language} language
 * @returns {Component}
 */
export function prepare(schema, language) {
  return prepareComponent(structuredClone(schema), language);
}

/**
 * @param {Component} component
 * @param {import('../shared/language.js').Language} language
 */
function prepareComponent(component, language) {
  if (language === 'en') intoEnglish(component);
  addHint(component);
  component.components?.forEach((/** @type {Component} */ child) => prepareComponent(child, language));
  return component;
}

/** @param {Component} component */
function intoEnglish(component) {
  const own = component.properties ?? {};
  for (const name of TRANSLATED) {
    if (own[`${name}_en`]) component[name] = own[`${name}_en`];
  }
  if (own.hint_en) own.hint = own.hint_en;
  if (own.patternErrorMessage_en && component.validate)
    component.validate.patternErrorMessage = own.patternErrorMessage_en;
  if (own.suffixAdorner_en && component.appearance) component.appearance.suffixAdorner = own.suffixAdorner_en;
  if (own.options_en && component.values) relabel(component.values, own.options_en);
  component.columns?.forEach(intoEnglishColumn);
}

/** @param {Component} column of a wf-table */
function intoEnglishColumn(column) {
  column.label = column.label_en ?? column.label;
  column.options?.forEach((/** @type {Component} */ option) => {
    option.label = option.label_en ?? option.label;
  });
}

/**
 * @param {{ label: string, value: unknown }[]} options
 * @param {string} english `phone=Telephone; visit=Visit`
 */
function relabel(options, english) {
  const labels = new Map(
    english.split(';').map((pair) => {
      const cut = pair.indexOf('=');
      return [pair.slice(0, cut).trim(), pair.slice(cut + 1).trim()];
    }),
  );
  for (const option of options) option.label = labels.get(String(option.value)) ?? option.label;
}

/** @param {Component} component */
function addHint(component) {
  const own = component.properties ?? {};
  const carried =
    own.carried === 'true' ? say(component.readonly === true ? TEXTS.carriedReadonly : TEXTS.carried) : '';
  const parts = [component.description, own.hint, carried].filter(Boolean);
  if (parts.length) component.description = parts.join(' ');
}
