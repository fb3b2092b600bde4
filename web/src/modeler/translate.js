/** bpmn-js in the page's language, and a list of what no dictionary knows. */
import theirs from 'bpmn-js-i18n/translations/zn';
import { fill, language } from '../shared/language.js';
import ours from '../zh/bpmn.js';
import panel from '../zh/panel.js';

/** Texts that were asked for and are in no dictionary; tests expect none. */
export const missing = new Set();

/** @type {Record<string, string>} panel first: its short words (Error, Message) mean groups */
const ZH = { ...theirs, ...ours, ...panel };

/** Type names come in several spellings: “Sub Process”, “Sub-process (expanded)”. */
const BY_SOUND = new Map(Object.entries({ ...theirs, ...ours }).map(([key, text]) => [sound(key), text]));

/** @param {string} text */
function sound(text) {
  return text
    .toLowerCase()
    .replace(/[\s()/-]+/g, ' ')
    .trim();
}

/**
 * @param {string} text
 * @param {Record<string, unknown>} [values]
 */
export function translate(text, values) {
  if (language() === 'en' || !/[A-Za-z]/.test(text)) return fill(text, values);
  const found = ZH[text] ?? BY_SOUND.get(sound(text));
  if (found === undefined) missing.add(text);
  return fill(found ?? text, values);
}
