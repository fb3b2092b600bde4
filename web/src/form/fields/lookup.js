/** `wf-person`, `wf-room`, `wf-case`, and long lists: choose by typing (an ARIA combobox). */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { request } from '../../shared/api.js';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { describedBy, Frame, useSettings } from './frame.js';
import { Icon } from './icons.js';

/** @typedef {{ key: string, label: string, detail?: string }} Item */
/** @typedef {Record<string, any> & { items?: Item[] }} LookupSettings `items`: choose from these instead of the archive */

const PLACEHOLDERS = /** @type {Record<string, import('../../shared/language.js').Text>} */ ({
  person: TEXTS.findPerson,
  room: TEXTS.findRoom,
  case: TEXTS.findCase,
  option: TEXTS.findOption,
});
const PAUSE = 200;

/** @type {Map<string, Item>} what was chosen or resolved before, by kind and key */
const SEEN = new Map();

/**
 * @param {string} kind
 * @param {string} name the designer's word for the field
 */
function lookupField(kind, name) {
  const Lookup = (
    /** @type {import('./frame.js').FieldProps} */ props,
  ) => html`<${Frame} props=${props} labelFor=${props.domId}>
    <${Picker} id=${props.domId} kind=${kind} settings=${props.field} value=${props.value} locked=${props.disabled || props.readonly}
      describedBy=${describedBy(props)} invalid=${Boolean(props.errors?.length)} onBlur=${props.onBlur}
      onChange=${(/** @type {unknown} */ value) => props.onChange({ value })} />
  <//>`;
  Lookup.config = {
    type: `wf-${kind}`,
    keyed: true,
    name,
    group: 'basic-input',
    emptyValue: null,
    sanitizeValue: (/** @type {any} */ { formField, value }) =>
      formField.multiple ? [value ?? []].flat().map(String) : (value ?? null),
    create: (/** @type {object} */ options = {}) => ({ ...options }),
  };
  return Lookup;
}

export const Person = lookupField('person', '人员');
export const Room = lookupField('room', '房屋');
export const Case = lookupField('case', '案件');

/**
 * The control itself, also for a table's cell.
 * @param {{ id: string, kind: string, settings: LookupSettings, value: any, locked?: boolean, invalid?: boolean, label?: string,
 *   describedBy?: string, onBlur?: () => void, onChange: (value: unknown) => void }} props
 */
export function Picker(props) {
  const { id, kind, settings, value, locked, invalid, label, onChange } = props;
  const multiple = Boolean(settings.multiple);
  const keys = multiple ? (value ?? []) : [value].filter(Boolean);
  const full = multiple && keys.length >= (settings.max ?? 20);
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const search = useSearch(kind, settings);
  const choose = (/** @type {Item} */ item) => {
    SEEN.set(`${kind}:${item.key}`, item);
    onChange(multiple ? [...new Set([...keys, item.key])] : item.key);
    search.close();
    setTimeout(() => input.current?.focus());
  };
  const remove = (/** @type {string} */ key) => {
    onChange(multiple ? keys.filter((/** @type {string} */ other) => other !== key) : null);
    setTimeout(() => input.current?.focus());
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.isComposing) return; // Enter and arrows belong to the input method
    if (event.key === 'Backspace' && !search.query && keys.length) remove(keys.at(-1));
    else search.onKeyDown(event, choose);
  };
  return html`<div class="wf-picker" onFocusOut=${(/** @type {FocusEvent} */ event) => leave(event, search, props.onBlur)}>
    <div class=${`wf-picker-box ${locked ? 'locked' : ''}`}>
      ${keys.map((/** @type {string} */ key) => html`<${Chosen} key=${key} kind=${kind} value=${key} items=${settings.items} locked=${locked} onRemove=${() => remove(key)} />`)}
      ${
        (!locked || !keys.length) &&
        html`<input ref=${input} id=${id} type="text" role="combobox" autocomplete="off" spellcheck="false"
        aria-expanded=${String(search.open)} aria-controls=${`${id}-list`} aria-autocomplete="list" aria-invalid=${String(Boolean(invalid))}
        aria-label=${label} aria-describedby=${props.describedBy} aria-activedescendant=${search.open && search.items.length ? `${id}-${search.at}` : null}
        placeholder=${keys.length || locked ? '' : say(PLACEHOLDERS[kind])} readonly=${locked || full} value=${search.query}
        onInput=${(/** @type {Event} */ event) => search.ask(/** @type {HTMLInputElement} */ (event.target).value)} onKeyDown=${onKeyDown}
        onClick=${() => !locked && !full && search.ask(search.query)} />`
      }
      ${!locked && !keys.length && html`<${Icon} name="search" />`}
    </div>
    ${search.open && html`<${Found} id=${id} search=${search} onChoose=${choose} />`}
    <span class="sr-only" role="status">${search.open && search.items.length ? say(TEXTS.lookupFound, { count: search.items.length }) : ''}</span>
  </div>`;
}

/**
 * @param {FocusEvent} event
 * @param {{ close: () => void }} search
 * @param {(() => void) | undefined} onBlur
 */
function leave(event, search, onBlur) {
  if (/** @type {Element} */ (event.currentTarget).contains(/** @type {Node | null} */ (event.relatedTarget))) return;
  search.close();
  onBlur?.();
}

/** @param {{ id: string, search: ReturnType<typeof useSearch>, onChoose: (item: Item) => void }} props */
function Found({ id, search, onChoose }) {
  if (search.told)
    return html`<div class="wf-picker-list" id=${`${id}-list`} role="listbox"><p role="option" aria-disabled="true" aria-selected="false">${search.told}</p></div>`;
  return html`<ul class="wf-picker-list" id=${`${id}-list`} role="listbox">
    ${search.items.map(
      (
        item,
        index,
      ) => html`<li key=${item.key} id=${`${id}-${index}`} role="option" aria-selected=${String(index === search.at)}
      onMouseDown=${(/** @type {Event} */ event) => {
        event.preventDefault();
        onChoose(item);
      }} onMouseEnter=${() => search.move(index)}>
      <span>${item.label}</span><small>${item.detail}</small></li>`,
    )}
  </ul>`;
}

/** @param {{ kind: string, value: string, items?: Item[], locked?: boolean, onRemove: () => void }} props */
function Chosen({ kind, value, items, locked, onRemove }) {
  const item = useItem(kind, value, items);
  return html`<span class="wf-picker-chosen" title=${item.detail}>${item.label}
    ${!locked && html`<button type="button" aria-label=${say(TEXTS.lookupClear, { label: item.label })} onClick=${onRemove}><${Icon} name="close" /></button>`}
  </span>`;
}

/**
 * What a stored key stands for: known, given with the page, or asked once.
 * @param {string} kind
 * @param {string} key
 * @param {Item[]} [items]
 * @returns {Item}
 */
function useItem(kind, key, items) {
  const { lookupUrl, labels } = useSettings();
  const listed = items?.find((item) => item.key === key);
  const given = listed?.label ?? labels[kind]?.[key];
  const [item, setItem] = useState(SEEN.get(`${kind}:${key}`) ?? { key, label: given ?? key });
  useEffect(() => {
    if (given || SEEN.has(`${kind}:${key}`)) return;
    request(`${lookupUrl}/${kind}?${new URLSearchParams({ key })}`).then(
      ({ body }) => {
        const found = body.items?.find((/** @type {Item} */ other) => other.key === key);
        if (found) {
          SEEN.set(`${kind}:${key}`, found);
          setItem(found);
        }
      },
      () => {},
    ); // the key itself stays on screen
  }, [kind, key]);
  return listed ?? item;
}

/**
 * @param {string} kind
 * @param {LookupSettings} settings
 */
function useSearch(kind, settings) {
  const { lookupUrl } = useSettings();
  const [state, setState] = useState({ query: '', open: false, items: /** @type {Item[]} */ ([]), at: 0, told: '' });
  const running = useRef(/** @type {{ timer?: number, stop?: AbortController }} */ ({}));
  const set = (/** @type {Partial<typeof state>} */ part) => setState((now) => ({ ...now, ...part }));
  const load = async (/** @type {string} */ query, /** @type {AbortSignal} */ signal) => {
    const wanted = new URLSearchParams({ q: query, ...narrow(settings) });
    return /** @type {Item[]} */ ((await request(`${lookupUrl}/${kind}?${wanted}`, { signal })).body.items);
  };
  const find = async (/** @type {string} */ query, /** @type {AbortSignal} */ signal) => {
    try {
      const items = settings.items ? matching(settings.items, query) : await load(query, signal);
      set({ open: true, items, at: 0, told: items.length ? '' : say(TEXTS.lookupNone, { query }) });
    } catch {
      if (!signal.aborted) set({ open: true, items: [], told: say(TEXTS.lookupFailed) });
    }
  };
  const stop = () => {
    clearTimeout(running.current.timer);
    running.current.stop?.abort();
  };
  const ask = (/** @type {string} */ query) => {
    stop();
    set({ query });
    const control = new AbortController();
    running.current = {
      stop: control,
      timer: setTimeout(() => find(query, control.signal), settings.items ? 0 : PAUSE),
    };
  };
  const close = () => {
    stop();
    set({ open: false, query: '', items: [], told: '' });
  };
  const move = (/** @type {number} */ at) => set({ at: Math.max(0, Math.min(at, state.items.length - 1)) });
  const onKeyDown = (/** @type {KeyboardEvent} */ event, /** @type {(item: Item) => void} */ choose) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === 'Enter' && state.open && state.items[state.at]) choose(state.items[state.at]);
    else if (event.key === 'Escape' && state.open) close();
    else if (step && state.open) move(state.at + step);
    else if (event.key === 'ArrowDown') ask(state.query);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return { ...state, ask, close, move, onKeyDown };
}

/** @param {Record<string, any>} settings @returns {Record<string, string>} */
function narrow({ group, process }) {
  return { ...(group && { group }), ...(process && { process }) };
}

/**
 * @param {Item[]} items
 * @param {string} query
 */
function matching(items, query) {
  const wanted = query.trim().toLowerCase();
  return items.filter(({ label }) => label.toLowerCase().includes(wanted));
}
