/** `wf-sheet`: a long table, filled up in a spreadsheet: download, upload, look at it, hand it in. */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { csrf, effectKey, Refusal, request } from '../../shared/api.js';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { describedBy, Frame, useSettings } from './frame.js';
import { Icon } from './icons.js';
import { partsOf } from './moments.js';

/** @typedef {import('./rows.js').Row} Row @typedef {import('./rows.js').Column} Column */
/** @typedef {{ cell: string, column: string, text: string }} Problem */

const PAGE = 10;
const ADDRESS = '/workbook';

/** @param {import('./frame.js').FieldProps} props */
export function Sheet(props) {
  const { domId, field, value } = props;
  const locked = Boolean(props.readonly || props.disabled);
  const settings = useSettings();
  const rows = Array.isArray(value) ? value : [];
  const { state, take, forget, fetchFile } = useWorkbook(settings, field, rows, (/** @type {Row[]} */ next) =>
    props.onChange({ value: next }),
  );
  return html`<${Frame} props=${props}>
    <div class="wf-sheet">
      <div class="wf-sheet-tools">
        <button type="button" class="wf-sheet-tool" onClick=${fetchFile}><${Icon} name="file" />${say(rows.length ? TEXTS.sheetDownloadRows : TEXTS.sheetDownload, { count: rows.length })}</button>
        ${!locked && html`<${Choose} id=${domId} label=${field.label} described=${describedBy(props)} busy=${state.busy} onFile=${take} />`}
      </div>
      ${!locked && !rows.length && html`<p class="wf-sheet-hint">${say(TEXTS.sheetHint)}</p>`}
      ${state.problems.length > 0 && html`<${Faults} state=${state} onForget=${forget} />`}
      ${state.problem && html`<p class="wf-sheet-faults" role="alert">${state.problem} <button type="button" class="wf-sheet-tool" onClick=${forget}>${say(TEXTS.sheetForget)}</button></p>`}
      <p class="wf-sheet-count" role="status">${state.busy ? say(TEXTS.sheetReading) : rows.length ? say(TEXTS.sheetCount, { count: rows.length }) : ''}</p>
      ${rows.length > 0 && html`<${Rows} columns=${field.columns} rows=${rows} labels=${settings.labels} label=${field.label} />`}
    </div>
  <//>`;
}

Sheet.config = {
  type: 'wf-sheet',
  keyed: true,
  name: '表格文件',
  group: 'basic-input',
  emptyValue: [],
  sanitizeValue: (/** @type {{ value: unknown }} */ { value }) => (Array.isArray(value) ? value : []),
  create: (/** @type {object} */ options = {}) => ({ columns: [], ...options }),
};

/** @typedef {{ busy: boolean, problem: string, problems: Problem[], count: number }} State */
/** @type {State} */
const QUIET = { busy: false, problem: '', problems: [], count: 0 };

/**
 * @param {import('./frame.js').Settings} settings
 * @param {Record<string, any>} field
 * @param {Row[]} rows
 * @param {(rows: Row[]) => void} onRows
 */
function useWorkbook({ transfers, labels }, field, rows, onRows) {
  const [state, setState] = useState(QUIET);
  const [token] = useState(effectKey);
  const forget = () => {
    transfers.running.delete(token);
    transfers.failed.delete(token);
    setState(QUIET);
  };
  useEffect(() => forget, []);
  const refuse = (/** @type {Partial<State>} */ part) => {
    transfers.running.delete(token);
    transfers.failed.add(token);
    setState({ ...QUIET, ...part });
  };
  const take = async (/** @type {File} */ file) => {
    forget();
    transfers.running.add(token);
    setState({ ...QUIET, busy: true });
    const body = new FormData();
    body.append('file', file, file.name);
    body.append('field', JSON.stringify(field));
    try {
      const { body: answer } = await request(`${ADDRESS}/rows`, { method: 'POST', body });
      if (answer.problemCount) {
        refuse({ problems: answer.problems, count: answer.problemCount });
        return;
      }
      for (const [kind, names] of Object.entries(answer.labels)) labels[kind] = { ...labels[kind], ...names };
      forget();
      onRows(answer.rows);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refuse({ problem: error.message });
    }
  };
  const fetchFile = async () => {
    try {
      await save(field, rows);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      setState({ ...QUIET, problem: error.message });
    }
  };
  return { state, take, forget, fetchFile };
}

/**
 * Get the workbook and hand it to the browser's downloads.
 * @param {Record<string, any>} field
 * @param {Row[]} rows
 */
async function save(field, rows) {
  const answer = await fetch(ADDRESS, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...csrf() },
    body: JSON.stringify({ field, rows }),
    credentials: 'same-origin',
  }).catch(() => null);
  if (!answer?.ok) throw new Refusal(answer?.status ?? 0, (await answer?.json().catch(() => null)) ?? {});
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = `${field.label}.xlsx`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** @param {{ id: string, label: string, described: string, busy: boolean, onFile: (file: File) => void }} props */
function Choose({ id, label, described, busy, onFile }) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const text = say(TEXTS.sheetUpload);
  const take = () => {
    const [file] = input.current?.files ?? [];
    if (file) onFile(file);
    if (input.current) input.current.value = '';
  };
  return html`<label class="wf-files-choose wf-sheet-choose" aria-busy=${busy}><${Icon} name="clip" />${text}
    <input id=${id} ref=${input} type="file" accept=".xlsx" disabled=${busy} aria-label=${`${label} ${text}`} aria-describedby=${described} onChange=${take} />
  </label>`;
}

/** @param {{ state: State, onForget: () => void }} props */
function Faults({ state, onForget }) {
  return html`<div class="wf-sheet-faults" role="alert">
    <p>${say(TEXTS.sheetFaults, { count: state.count })}</p>
    <ul>${state.problems.map(({ cell, column, text }) => html`<li key=${cell + text}><b>${cell}</b> ${column && `${column}：`}${text}</li>`)}</ul>
    ${state.count > state.problems.length && html`<p>${say(TEXTS.sheetMore, { count: state.count - state.problems.length })}</p>`}
    <button type="button" class="wf-sheet-tool" onClick=${onForget}>${say(TEXTS.sheetForget)}</button>
  </div>`;
}

/** @param {{ columns: Column[], rows: Row[], labels: Record<string, Record<string, string>>, label: string }} props */
function Rows({ columns, rows, labels, label }) {
  const [wanted, setPage] = useState(0);
  const pages = Math.ceil(rows.length / PAGE);
  const page = Math.min(wanted, pages - 1);
  const first = page * PAGE;
  return html`<div class="wf-table-scroll" tabindex="0" role="region" aria-label=${label}>
      <table class="wf-table wf-sheet-rows">
        <thead><tr><th scope="col">#</th>${columns.map((column) => html`<th key=${column.key} scope="col">${column.label}</th>`)}</tr></thead>
        <tbody>${rows.slice(first, first + PAGE).map(
          (row, at) => html`<tr key=${first + at}><td>${first + at + 1}</td>
          ${columns.map((column) => html`<td key=${column.key} data-label=${column.label}>${shown(column, row[column.key], labels)}</td>`)}</tr>`,
        )}</tbody>
      </table>
    </div>
    ${
      pages > 1 &&
      html`<div class="wf-sheet-pages">
      <button type="button" class="wf-sheet-tool" disabled=${page === 0} onClick=${() => setPage(page - 1)}>${say(TEXTS.pageBack)}</button>
      <span role="status">${say(TEXTS.pageAt, { first: first + 1, last: Math.min(rows.length, first + PAGE), count: rows.length })}</span>
      <button type="button" class="wf-sheet-tool" disabled=${page >= pages - 1} onClick=${() => setPage(page + 1)}>${say(TEXTS.pageOn)}</button>
    </div>`
    }`;
}

/**
 * @param {Column} column
 * @param {any} value
 * @param {Record<string, Record<string, string>>} labels
 * @returns {string}
 */
function shown(column, value, labels) {
  if (column.type === 'checkbox') return say(value ? TEXTS.yes : TEXTS.no);
  if (value === null || value === undefined || value === '') return '';
  if (column.type === 'select')
    return (
      column.options?.find((/** @type {{ value: unknown }} */ option) => option.value === value)?.label ?? String(value)
    );
  if (column.type === 'datetime') return Object.values(partsOf(value)).join(' ');
  return labels[column.type]?.[value] ?? String(value);
}
