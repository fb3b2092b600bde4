/** One date format everywhere, strict reading: the browser's locale would silently turn 2026/11/22 into another day. */
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh';
import { language } from '../shared/language.js';

const WRITTEN = /^\s*(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*$/;
const EARLIEST = '01/01/1900';

/** Must run before the first form is shown: the viewer makes its pickers from these defaults. */
export function setUpDates() {
  if (language() === 'zh') flatpickr.localize({ ...Mandarin, firstDayOfWeek: 1 });
  flatpickr.setDefaults({
    disableMobile: true,
    monthSelectorType: 'static',
    ariaDateFormat: 'F j, Y',
    plugins: [ownFormat],
  });
}

/** A plugin, because a picker takes these two functions from nowhere else when its maker gives none. */
function ownFormat() {
  return {
    parseDate: readDate,
    formatDate: (/** @type {Date} */ date, /** @type {string} */ format) => (format.includes('F') ? spokenDate(date) : writeDate(date)),
  };
}

/**
 * @param {string} text
 * @returns {Date} an invalid one when the text is not a day of the calendar
 */
export function readDate(text) {
  if (text === 'today') return new Date(new Date().setHours(0, 0, 0, 0));
  if (text === EARLIEST) return new Date(1900, 0, 1);
  const [, year, month, day] = (WRITTEN.exec(text) ?? []).map(Number);
  const date = new Date(year, month - 1, day);
  return date.getMonth() === month - 1 && date.getDate() === day ? date : new Date(NaN);
}

/** @param {Date} date @returns {string} 2026-11-22 */
export function writeDate(date) {
  if (Number.isNaN(date.getTime())) return '';
  const two = (/** @type {number} */ number) => String(number).padStart(2, '0');
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** @param {Date} date */
function spokenDate(date) {
  return date.toLocaleDateString(language() === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'full' });
}
