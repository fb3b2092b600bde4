/** The page's language, and texts of our own in both languages. */

/** @typedef {'zh' | 'en'} Language */
/** @typedef {{ zh: string, en: string }} Text */

/** @returns {Language} what `<html lang>` says; Chinese unless it is English */
export function language() {
  return document.documentElement.lang.toLowerCase().startsWith('en') ? 'en' : 'zh';
}

/**
 * @param {string} template
 * @param {Record<string, unknown>} [values]
 */
export function fill(template, values = {}) {
  return template.replace(/{([^}]+)}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

/**
 * Say a text of our own in the page's language.
 * @param {Text} text
 * @param {Record<string, unknown>} [values]
 */
export function say(text, values) {
  return fill(text[language()], values);
}

/** @param {Date} moment @returns {string} 10:18, local time */
export function clockTime(moment) {
  return moment.toLocaleTimeString('zh-CN', { hour: '2-digit', minute: '2-digit', hour12: false });
}
