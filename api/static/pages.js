/** What the pages need beside the islands: tabs, the open task in the list, ticks, printing. */

const each = (selector, act, root = document) => root.querySelectorAll(selector).forEach(act);

/** Tabs: the panel of the chosen tab is shown; what it holds is fetched when it is first opened. */
function choose(tab) {
  each('[role="tab"]', (other) => {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls'))?.toggleAttribute('hidden', !chosen);
  }, tab.closest('[role="tablist"]'));
  tab.dispatchEvent(new CustomEvent('wf:open'));
}

/** The list shows which task is open; a phone shows the task instead of the list. */
function mark(item) {
  each('.item[aria-selected="true"]', (other) => other.setAttribute('aria-selected', 'false'));
  item?.setAttribute('aria-selected', 'true');
  item?.classList.remove('unread');
  item?.querySelector('.name .dot')?.remove();
  document.querySelector('.panes')?.classList.toggle('open', Boolean(item));
  document.querySelector('.shell')?.classList.toggle('task-open', Boolean(item));
}

function step(by) {
  const items = [...document.querySelectorAll('.list .item')];
  const at = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
  items[Math.max(0, Math.min(items.length - 1, at + by))]?.click();
}

function countTicks(form) {
  const ticked = form.querySelectorAll('[name="task"]:checked').length;
  each('tr[data-item]', (row) => row.setAttribute('aria-selected', String(row.querySelector('[name="task"]')?.checked ?? false)), form);
  const place = form.querySelector('[data-ticked]');
  place.dataset.none ??= place.textContent;
  place.textContent = ticked ? place.dataset.ticked.replace('{n}', ticked) : place.dataset.none;
  form.classList.toggle('has-ticks', ticked > 0);
}

document.addEventListener('click', (event) => {
  if (!(event.target instanceof Element)) return;
  const tab = event.target.closest('[role="tab"]');
  if (tab && !event.ctrlKey && !event.metaKey) { event.preventDefault(); choose(tab); return; }
  const item = event.target.closest('.item[hx-get]');
  if (item && !event.ctrlKey && !event.metaKey && !event.shiftKey) mark(item);
  const way = event.target.closest('[data-step]');
  if (way) step(Number(way.dataset.step));
  if (event.target.closest('[data-print]')) print();
  if (event.target.closest('[data-close-task]') && document.querySelector('.list .item')) {
    event.preventDefault();
    mark(null);
    history.pushState(null, '', document.querySelector('[data-close-task]').href);
  }
});

document.addEventListener('keydown', (event) => {
  const tab = event.target instanceof Element ? event.target.closest('[role="tab"]') : null;
  const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!tab || !by) return;
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const next = tabs[(tabs.indexOf(tab) + by + tabs.length) % tabs.length];
  event.preventDefault();
  choose(next);
  next.focus();
});

document.addEventListener('change', (event) => {
  if (!(event.target instanceof HTMLInputElement)) return;
  const form = event.target.closest('[data-bulk]');
  if (!form) return;
  if (event.target.matches('[data-tick-all]')) each('[name="task"]', (box) => { box.checked = event.target.checked; }, form);
  countTicks(form);
});

/** The reason of a correction goes out with the form's data. */
document.addEventListener('input', (event) => {
  const form = event.target instanceof HTMLInputElement ? event.target.dataset.reasonFor : null;
  if (form) each(`[data-submit-form="${form}"]`, (button) => { button.dataset.json = JSON.stringify({ reason: event.target.value }); });
});

/** The bell says how many notices are unread, on every open page, without being asked. */
document.body.addEventListener('wf:changed', ({ detail }) => {
  if (typeof detail?.unread !== 'number') return;
  each('[data-unread]', (count) => { count.textContent = String(detail.unread); count.hidden = !detail.unread; });
  each('[data-bell]', (bell) => { bell.title = detail.bell; bell.setAttribute('aria-label', detail.bell); });
});

/** Copy what stands in a field; where the browser has no clipboard it is marked for copying by hand. */
document.addEventListener('click', async ({ target }) => {
  const button = target instanceof Element ? target.closest('[data-copy]') : null;
  const field = button && document.getElementById(button.dataset.copy);
  if (!field) return;
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    button.textContent = button.dataset.copied;
  } catch {
    field.focus(); // no clipboard without HTTPS
  }
});

/** The last figures of an owner's telephone go out with the form's data. */
document.addEventListener('input', (event) => {
  const form = event.target instanceof HTMLInputElement ? event.target.dataset.phoneFor : null;
  if (form) each(`[data-submit-form="${form}"]`, (button) => { button.dataset.json = JSON.stringify({ phone: event.target.value }); });
});
