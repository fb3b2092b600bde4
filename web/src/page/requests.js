/** htmx on every page: our CSRF token goes along, a lost connection is told. */
import htmx from 'htmx.org';
import { csrf } from '../shared/api.js';
import { say } from '../shared/language.js';
import { TEXTS } from './texts.js';

/** @param {(root: ParentNode) => void} adopt what to do with every piece of page that arrives */
export function setUpRequests(adopt) {
  htmx.config.includeIndicatorCSS = false;
  document.addEventListener('htmx:config:request', (event) => {
    const { request } = /** @type {CustomEvent} */ (event).detail.ctx;
    if (request.method !== 'GET') Object.assign(request.headers, csrf());
  });
  document.addEventListener('htmx:after:swap', () => adopt(document));
  document.addEventListener('htmx:error', () => showOffline(!navigator.onLine));
  addEventListener('offline', () => showOffline(true));
  addEventListener('online', () => showOffline(false));
}

/** @param {boolean} offline */
function showOffline(offline) {
  document.getElementById('wf-offline')?.remove();
  if (!offline) return;
  const bar = document.createElement('div');
  bar.id = 'wf-offline';
  bar.setAttribute('role', 'status');
  bar.textContent = say(TEXTS.offline);
  document.body.append(bar);
}
