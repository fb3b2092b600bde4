/** The rows of a `wf-table` as data: what is empty, what is wrong. */
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';

/** @typedef {Record<string, any>} Column */
/** @typedef {Record<string, any>} Row */

/** @type {Record<string, unknown>} value of an untouched cell */
const EMPTY = {
  text: '',
  textarea: '',
  number: null,
  date: null,
  datetime: null,
  select: null,
  checkbox: false,
  person: null,
  room: null,
  upload: [],
  photo: [],
};
const LONGEST = /** @type {Record<string, number>} */ ({ text: 200, textarea: 2000 });

/** @param {Column[]} columns @returns {Row} */
export function emptyRow(columns) {
  return Object.fromEntries(columns.map(({ key, type }) => [key, structuredClone(EMPTY[type] ?? null)]));
}

/** @param {unknown} value */
function isBlank(value) {
  return (
    value === null || value === undefined || value === false || value === '' || (Array.isArray(value) && !value.length)
  );
}

/**
 * @param {Column[]} columns
 * @param {Row} row
 */
function isUntouched(columns, row) {
  return columns.every((column) => column.readonly || isBlank(row[column.key]));
}

/**
 * @param {{ columns?: Column[], minRows?: number, validate?: { required?: boolean } }} field
 * @param {unknown} value
 * @returns {string[]}
 */
export function tableProblems(field, value) {
  const columns = field.columns ?? [];
  const rows = Array.isArray(value) ? value : [];
  const filled = rows.filter((row) => !isUntouched(columns, row));
  const least = Math.max(field.minRows ?? 0, field.validate?.required && rows.length ? 1 : 0);
  const problems = rows.flatMap((row, index) =>
    isUntouched(columns, row) ? [] : rowProblems(columns, row, index + 1),
  );
  return filled.length < least ? [say(TEXTS.tooFewRows, { min: least }), ...problems] : problems;
}

/**
 * @param {Column[]} columns
 * @param {Row} row
 * @param {number} number
 */
function rowProblems(columns, row, number) {
  return columns
    .filter((column) => !column.readonly)
    .flatMap((column) => {
      const found = cellProblem(column, row[column.key]);
      return found ? [say(found.text, { row: number, column: column.label, value: found.value })] : [];
    });
}

/**
 * @param {Column} column
 * @param {any} cell
 * @returns {{ text: import('../../shared/language.js').Text, value?: number } | null}
 */
function cellProblem(column, cell) {
  if (isBlank(cell)) return column.required ? { text: TEXTS.cellRequired } : null;
  if (column.type === 'number') return numberProblem(column, Number(cell));
  const longest = column.maxLength ?? LONGEST[column.type] ?? Infinity;
  if (typeof cell === 'string' && cell.trim().length > longest) return { text: TEXTS.cellLong, value: longest };
  return null;
}

/**
 * @param {Column} column
 * @param {number} number
 */
function numberProblem(column, number) {
  if (Number.isNaN(number)) return { text: TEXTS.cellNumber };
  if (column.min !== undefined && number < column.min) return { text: TEXTS.cellMin, value: column.min };
  if (column.max !== undefined && number > column.max) return { text: TEXTS.cellMax, value: column.max };
  return null;
}
