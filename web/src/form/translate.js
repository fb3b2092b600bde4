/** The viewer in the page's language, and a list of what no dictionary knows. */
import { fill, language } from '../shared/language.js';
import zh from '../zh/form.js';

/** Texts that were asked for and are in no dictionary; tests expect none. */
export const missing = new Set();

/**
 * @param {string} text
 * @param {Record<string, unknown>} [values]
 */
export function translate(text, values) {
  if (language() === 'en') return fill(text, values);
  if (!(text in zh)) missing.add(text);
  return fill(zh[text] ?? text, values);
}
