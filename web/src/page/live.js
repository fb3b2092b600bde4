/** The element `<wf-live>`: tells the page when something has changed on the server. */

const EVERY = 15;

export class WfLive extends HTMLElement {
  /** @type {EventSource | null} */
  source = null;
  /** @type {number | undefined} */
  timer = undefined;
  /** @type {string | null} */
  mark = null;
  /** @type {AbortController | null} */
  listening = null;

  connectedCallback() {
    this.listening = new AbortController();
    document.addEventListener('visibilitychange', () => this.onVisible(), { signal: this.listening.signal });
    if (this.getAttribute('url') && 'EventSource' in window) this.listen();
    else this.poll();
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.source?.close();
    clearTimeout(this.timer);
  }

  listen() {
    this.source = new EventSource(/** @type {string} */ (this.getAttribute('url')));
    this.source.addEventListener('message', ({ data }) => this.tell(data));
    this.source.addEventListener('changed', (event) => this.tell(/** @type {MessageEvent} */ (event).data));
    this.source.addEventListener('error', () => {
      // The browser connects again by itself unless the server has refused for good.
      if (this.source?.readyState === EventSource.CLOSED) this.poll();
    });
  }

  onVisible() {
    if (document.hidden) clearTimeout(this.timer);
    else if (!this.source || this.source.readyState === EventSource.CLOSED) this.poll();
  }

  async poll() {
    clearTimeout(this.timer);
    const url = this.getAttribute('poll-url') ?? this.getAttribute('url');
    if (!url || !this.isConnected) return;
    await this.ask(url);
    const every = Number(this.dataset.every) || EVERY;
    if (!document.hidden && this.isConnected) this.timer = setTimeout(() => this.poll(), every * 1000);
  }

  /** @param {string} url */
  async ask(url) {
    try {
      const response = await fetch(url, {
        headers: { Accept: 'application/json', ...(this.mark ? { 'If-None-Match': this.mark } : {}) },
        cache: 'no-store',
      });
      if (response.status !== 200) return;
      const text = await response.text();
      const mark = response.headers.get('ETag') ?? text;
      const first = this.mark === null;
      const same = mark === this.mark;
      this.mark = mark;
      if (!first && !same) this.tell(text);
    } catch {
      // Offline: the next round asks again.
    }
  }

  /** @param {string} text */
  tell(text) {
    document.body.dispatchEvent(new CustomEvent('wf:changed', { bubbles: true, detail: parse(text) }));
  }
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
