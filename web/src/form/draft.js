/** Keep what is being typed: save it on the server a moment after the last change. */
import { request } from '../shared/api.js';
import { clockTime, say } from '../shared/language.js';
import { TEXTS } from './texts.js';

const PAUSE = 1500;
const AGAIN = 15_000;

/** Saves one form's draft; dies with its element. */
export class Draft {
  /**
   * @param {{ url: string | null, read: () => object, announce: (data: object) => void, tell: (text: string, failed?: boolean) => void }} given
   */
  constructor({ url, read, announce, tell }) {
    this.url = url;
    this.read = read;
    this.announce = announce;
    this.tell = tell;
    this.saved = JSON.stringify(read());
    this.stopped = false;
    this.ended = false;
    /** @type {number | undefined} */
    this.timer = undefined;
    /** @type {AbortController | null} */
    this.saving = null;
    this.flush = this.flush.bind(this);
    addEventListener('pagehide', this.flush);
    addEventListener('online', this.flush);
  }

  /** Something changed. */
  touch() {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), PAUSE);
  }

  /** Save now what is not saved yet; the browser finishes the request even if the page goes away. */
  flush() {
    clearTimeout(this.timer);
    return this.save(true);
  }

  /** @param {boolean} [leaving] */
  async save(leaving = false) {
    const data = this.read();
    const text = JSON.stringify(data);
    if (this.stopped || text === this.saved) return;
    this.announce(data);
    if (!this.url) return;
    this.saving?.abort();
    const control = new AbortController();
    this.saving = control;
    this.inform(TEXTS.draftSaving);
    try {
      await request(this.url, {
        method: 'PUT',
        json: { data },
        signal: control.signal,
        keepalive: leaving && text.length < 60_000,
      });
      this.saved = text;
      this.inform(TEXTS.draftSaved);
    } catch {
      if (control.signal.aborted) return;
      this.inform(TEXTS.draftFailed);
      if (!this.ended) this.timer = setTimeout(() => this.save(), AGAIN);
    }
  }

  /** @param {import('../shared/language.js').Text} text */
  inform(text) {
    if (!this.ended) this.tell(say(text, { time: clockTime(new Date()) }), text === TEXTS.draftFailed);
  }

  /** No draft may arrive after the submission. */
  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.saving?.abort();
  }

  /** The submission was refused: go on. */
  resume() {
    this.stopped = false;
    this.touch();
  }

  /** The form goes away; what was typed last is still sent. */
  end() {
    this.flush();
    this.ended = true;
    this.stopped = true;
    clearTimeout(this.timer);
    removeEventListener('pagehide', this.flush);
    removeEventListener('online', this.flush);
  }
}
