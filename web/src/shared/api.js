/** Talk to the server: JSON there and back, CSRF token, problems as sentences. */
import { say } from './language.js';

const OFFLINE = {
  zh: '没有连上服务器，请检查网络后再试。',
  en: 'The server cannot be reached. Check the network and try again.',
};
const SIGNED_OUT = {
  zh: '登录已过期。请在新页面登录，再回到这里提交。',
  en: 'You were signed out. Sign in on another page, then submit here again.',
};
const FORBIDDEN = {
  zh: '这一步不由您办理。需要办理请联系主管。',
  en: 'This step is not yours. Ask your supervisor if you need it.',
};
const CONFLICT = {
  zh: '这件事刚被别人改过。请刷新后对照两边内容，再提交。',
  en: 'Someone just changed this. Reload, compare both, then submit.',
};
const TOO_LARGE = { zh: '内容太大，服务器没有收下。', en: 'This is too large for the server.' };
const BROKEN = {
  zh: '服务器没有办成这件事，内容还在。请稍后再试。',
  en: 'The server could not do this; nothing is lost. Try again later.',
};

/** @type {Record<number, import('./language.js').Text>} */
const BY_STATUS = { 401: SIGNED_OUT, 403: FORBIDDEN, 409: CONFLICT, 412: CONFLICT, 413: TOO_LARGE };

/** An answer that is not a success; `status` 0 means that none came. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {Record<string, any>} body
   */
  constructor(status, body) {
    super(sentence(status, body));
    this.status = status;
    this.body = body;
  }
}

/** @returns {Record<string, string>} */
export function csrf() {
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute('content');
  return token ? { 'X-CSRFToken': token } : {};
}

/** A key for one intended effect. `crypto.randomUUID` needs HTTPS; a site in the estate's own network may have none. */
export function effectKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * @param {string} url
 * @param {{ method?: string, json?: unknown, body?: BodyInit, key?: string, signal?: AbortSignal, keepalive?: boolean }} [options]
 * @returns {Promise<{ body: any, headers: Headers, status: number }>}
 * @throws {Refusal}
 */
export async function request(url, { method = 'GET', json, body, key, signal, keepalive } = {}) {
  /** @type {Record<string, string>} */
  const headers = { Accept: 'application/json', ...(method === 'GET' ? {} : csrf()) };
  if (json !== undefined) headers['Content-Type'] = 'application/json';
  if (key) headers['Idempotency-Key'] = key;
  const payload = json === undefined ? body : JSON.stringify(json);
  const response = await fetch(url, {
    method,
    headers,
    body: payload,
    signal,
    keepalive,
    credentials: 'same-origin',
  }).catch((error) => {
    if (signal?.aborted) throw error;
    throw new Refusal(0, {});
  });
  const answer = await read(response);
  if (!response.ok) throw new Refusal(response.status, answer ?? {});
  return { body: answer, headers: response.headers, status: response.status };
}

/** @param {Response} response */
async function read(response) {
  const text = await response.text();
  if (!/json/.test(response.headers.get('Content-Type') ?? '')) return text;
  return JSON.parse(text || 'null');
}

/**
 * @param {number} status
 * @param {Record<string, any>} body RFC 9457 problem, or `{message}`
 */
function sentence(status, body) {
  const told = body?.message ?? body?.detail ?? body?.title;
  if (typeof told === 'string' && told) return told;
  if (status === 0) return say(OFFLINE);
  return say(BY_STATUS[status] ?? BROKEN);
}
