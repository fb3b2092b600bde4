/** Letters that act: silent while one types, gone with `data-shortcuts="off"` on the page. */
import { say } from '../shared/language.js';
import { showKeys } from './keys.js';
import { move, open, tick } from './lists.js';
import { TEXTS } from './texts.js';

const TYPING =
  'input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"]), textarea, select, [contenteditable], .djs-container, .wf-modeler-panel';
const PATIENCE = 1500;

/** @type {Record<string, (event: KeyboardEvent) => void>} */
const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  o: () => open(),
  x: () => tick(false),
  X: () => tick(true),
  '/': () => focusSearch(),
  '?': () => showKeys(),
  g: () => {
    waitingSince = Date.now();
  },
};

let waitingSince = -Infinity;

export function setUpShortcuts() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submitAround(event);
    else if ((event.ctrlKey || event.metaKey) && event.key === 'k') press('[data-palette]', event);
    else if (event.key === 'Escape') leave(event);
    else if (!isSilent(event)) letter(event);
  });
}

/** @param {ParentNode} root tell keys in tooltips and to screen readers */
export function adoptShortcuts(root) {
  for (const element of root.querySelectorAll('[data-key]:not([aria-keyshortcuts])')) {
    const { dataset, title, textContent } = /** @type {HTMLElement} */ (element);
    const key = (dataset.key ?? '').toUpperCase();
    element.setAttribute('aria-keyshortcuts', key);
    const words = title || (textContent ?? '').trim().replace(/\s+/g, ' ');
    const named = words.toUpperCase().endsWith(` ${key}`); // the page has written it itself
    element.setAttribute('title', named ? words : `${words} (${key})`);
  }
}

/** @param {KeyboardEvent} event */
function isSilent(event) {
  const target = /** @type {Element} */ (event.target);
  const off = document.documentElement.dataset.shortcuts === 'off' || event.ctrlKey || event.metaKey || event.altKey;
  return off || Boolean(target.closest?.(TYPING)) || document.querySelector('dialog[open]') !== null;
}

/** @param {KeyboardEvent} event */
function letter(event) {
  const going = Date.now() - waitingSince < PATIENCE;
  waitingSince = -Infinity;
  if (going && press(`[data-go="${CSS.escape(event.key)}"]`, event)) return;
  if (press(`[data-key="${CSS.escape(event.key)}"]`, event)) return;
  const act = KEYS[event.key];
  if (!act) return;
  event.preventDefault();
  act(event);
}

/**
 * @param {string} selector
 * @param {Event} event
 * @returns {boolean} whether something visible was pressed
 */
function press(selector, event) {
  const found = [...document.querySelectorAll(selector)].find(
    (element) => element.checkVisibility() && !element.matches(':disabled, [aria-disabled="true"]'),
  );
  if (!found) return false;
  event.preventDefault();
  /** @type {HTMLElement} */ (found).click();
  return true;
}

function focusSearch() {
  const found = [...document.querySelectorAll('[data-search]')].find((element) => element.checkVisibility());
  /** @type {HTMLElement | undefined} */ (found)?.focus();
}

/** @param {KeyboardEvent} event Esc: out of the field first, then one level up */
function leave(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  if (document.querySelector('dialog[open], [popover]:popover-open')) return;
  if (target.matches?.('input, textarea, select')) target.blur();
  else if (!target.closest?.('.djs-container')) press('[data-back]', event);
}

/** @param {KeyboardEvent} event Ctrl+Enter in a plain form; `<wf-form>` has its own */
function submitAround(event) {
  const form = /** @type {Element} */ (event.target).closest?.('form:not(.fjs-form)');
  if (!form) return;
  event.preventDefault();
  /** @type {HTMLFormElement} */ (form).requestSubmit();
}

/** @returns {{ key: string, text: string }[]} what works on this page */
export function keysHere() {
  const shown = (/** @type {string} */ selector) =>
    /** @type {HTMLElement[]} */ (
      [...document.querySelectorAll(selector)].filter((element) => element.checkVisibility())
    );
  const lists = document.querySelector('[data-list]')
    ? [
        ['j', TEXTS.next],
        ['k', TEXTS.previous],
        ['o', TEXTS.open],
        ['x', TEXTS.select],
        ['Shift x', TEXTS.range],
      ]
    : [];
  const always = [
    ['/', TEXTS.search],
    ['Ctrl Enter', TEXTS.submit],
    ['Esc', TEXTS.back],
    ['?', TEXTS.list],
  ];
  const ours = /** @type {[string, import('../shared/language.js').Text][]} */ ([...lists, ...always]).map(
    ([key, text]) => ({ key, text: say(text) }),
  );
  const named = shown('[data-key]').map((element) => ({ key: element.dataset.key ?? '', text: wordsOf(element) }));
  const places = shown('[data-go]').map((element) => ({
    key: `g ${element.dataset.go}`,
    text: say(TEXTS.go, { place: wordsOf(element) }),
  }));
  return [...named, ...ours, ...places];
}

/** @param {HTMLElement} element */
function wordsOf(element) {
  const words =
    element.dataset.label ??
    element.querySelector('.label')?.textContent ??
    element.getAttribute('aria-label') ??
    element.title.replace(/ \(.\)$/, '');
  return (words || element.textContent || '').trim().replace(/\s+/g, ' ');
}
