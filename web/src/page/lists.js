/** Lists that one walks with the keyboard: `[data-list]` with `[data-item]`s, one of them in the tab order. */

/** @type {{ list: string, item: string, index: number } | null} where the focus was, for when the list is drawn anew */
let last = null;
/** @type {HTMLElement | null} */
let anchor = null;

const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowUp: -1, Home: -Infinity, End: Infinity });

export function setUpLists() {
  document.addEventListener('focusin', ({ target }) => {
    const item = /** @type {Element} */ (target).closest?.('[data-item]');
    if (item) remember(/** @type {HTMLElement} */ (item));
    else last = null;
  });
  document.addEventListener('keydown', (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.key === 'ArrowDown' && target.matches?.('[data-search]') && !event.isComposing) {
      const first = document.querySelector('[data-list] [data-item][tabindex="0"]');
      if (first) event.preventDefault();
      /** @type {HTMLElement | null} */ (first)?.focus();
      return;
    }
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey || !target.matches?.('[data-item]'))
      return;
    event.preventDefault();
    move(step);
  });
}

/** @param {ParentNode} root */
export function adoptLists(root) {
  for (const list of root.querySelectorAll('[data-list]')) {
    const items = itemsOf(list);
    const inOrder =
      items.find((item) => item.id && item.id === last?.item) ??
      items.find((item) => item.getAttribute('aria-selected') === 'true') ??
      items[0];
    for (const item of items) item.tabIndex = item === inOrder ? 0 : -1;
    const lost = last && list.id === last.list && document.activeElement === document.body;
    if (lost && last)
      (items.find(({ id }) => id === last?.item) ?? items[Math.min(last.index, items.length - 1)])?.focus();
  }
}

/** @param {number} step */
export function move(step) {
  const list = currentList();
  if (!list) return;
  const items = itemsOf(list);
  const now = items.findIndex((item) => item === document.activeElement);
  const from = now === -1 ? items.findIndex((item) => item.tabIndex === 0) - (step > 0 ? 1 : 0) : now;
  items[Math.max(0, Math.min(items.length - 1, from + step))]?.focus();
}

export function open() {
  currentItem()?.click();
}

/** @param {boolean} range from the item ticked before */
export function tick(range) {
  const item = currentItem();
  const list = item?.closest('[data-list]');
  if (!item || !list) return;
  const items = itemsOf(list);
  const [from, to] = [range && anchor ? items.indexOf(anchor) : items.indexOf(item), items.indexOf(item)].sort(
    (left, right) => left - right,
  );
  const value = range && anchor ? (box(anchor)?.checked ?? true) : !box(item)?.checked;
  for (const one of items.slice(Math.max(0, from), to + 1)) {
    const check = box(one);
    if (!check || check.checked === value) continue;
    check.click();
  }
  anchor = item;
}

/** @param {Element} item */
function box(item) {
  return /** @type {HTMLInputElement | null} */ (item.querySelector('input[type="checkbox"]'));
}

/** @returns {HTMLElement | null} */
function currentItem() {
  const focused = /** @type {HTMLElement | null} */ (document.activeElement?.closest('[data-item]') ?? null);
  return (
    focused ?? /** @type {HTMLElement | null} */ (currentList()?.querySelector('[data-item][tabindex="0"]') ?? null)
  );
}

/** @returns {Element | null} */
function currentList() {
  return document.activeElement?.closest('[data-list]') ?? document.querySelector('[data-list]');
}

/** @param {Element} list @returns {HTMLElement[]} */
function itemsOf(list) {
  return [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll('[data-item]'))];
}

/** @param {HTMLElement} item */
function remember(item) {
  const list = item.closest('[data-list]');
  if (!list) return;
  const items = itemsOf(list);
  for (const one of items) one.tabIndex = one === item ? 0 : -1;
  last = { list: list.id, item: item.id, index: items.indexOf(item) };
}
