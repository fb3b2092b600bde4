/** Moments as forms store them and as the browser's date and time controls want them. */

/** @typedef {'utc_offset' | 'utc_normalized' | 'no_timezone'} Format */
/** @typedef {{ date: string, time: string }} Parts what the two controls hold, `2026-11-22` and `09:30`, or empty */

/** @param {number} number */
function two(number) {
  return String(Math.trunc(Math.abs(number))).padStart(2, '0');
}

/**
 * @param {unknown} value an ISO moment
 * @returns {Parts} in local time
 */
export function partsOf(value) {
  const moment = new Date(typeof value === 'string' ? value : '');
  if (Number.isNaN(moment.getTime())) return { date: '', time: '' };
  const date = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return { date, time: `${two(moment.getHours())}:${two(moment.getMinutes())}` };
}

/**
 * @param {Parts} parts
 * @param {Format} [format]
 * @returns {string | null} 2026-11-22T09:30+08:00; nothing unless both are there
 */
export function momentOf({ date, time }, format = 'no_timezone') {
  if (!date || !time) return null;
  const moment = new Date(`${date}T${time}`);
  if (Number.isNaN(moment.getTime())) return null;
  if (format === 'utc_normalized') return `${moment.toISOString().slice(0, 16)}Z`;
  return `${date}T${time}${format === 'utc_offset' ? offset(moment) : ''}`;
}

/**
 * @param {unknown} value `09:30`, `09:30+08:00` or `01:30Z`
 * @returns {string} local time
 */
export function timeFrom(value) {
  if (typeof value !== 'string' || !/^\d{2}:\d{2}/.test(value)) return '';
  return /(Z|[+-]\d{2}:\d{2})$/.test(value) ? partsOf(`${today()}T${value}`).time : value.slice(0, 5);
}

/**
 * @param {string} time
 * @param {Format} [format]
 * @returns {string | null}
 */
export function timeOf(time, format = 'no_timezone') {
  return momentOf({ date: today(), time }, format)?.slice(11) ?? null;
}

export function today() {
  return partsOf(new Date().toISOString()).date;
}

/** @param {Date} moment */
function offset(moment) {
  const minutes = -moment.getTimezoneOffset();
  return `${minutes < 0 ? '-' : '+'}${two(minutes / 60)}:${two(minutes % 60)}`;
}
