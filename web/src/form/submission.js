/** Submit the form's data once, and bring the answer back to the person. */
import { effectKey, Refusal, request } from '../shared/api.js';
import { say } from '../shared/language.js';
import { focusFirstProblem, showNotice } from './notice.js';
import { TEXTS } from './texts.js';

/** @typedef {import('./element.js').WfForm} WfForm */

/** @type {WeakMap<HTMLElement, { key: string, text: string }>} the key stays with the content until the server has answered */
const ATTEMPTS = new WeakMap();
const DECIDED = [200, 201, 202, 204, 400, 403, 404, 409, 422];

/**
 * @param {WfForm} element
 * @param {HTMLElement | null} button
 */
export async function send(element, button) {
  if (element.sending) return; // a second click
  const { data, errors } = element.submit();
  const waiting = transferProblem(element);
  if (Object.keys(errors).length || waiting) {
    showNotice(element, [waiting ?? say(TEXTS.fix, { count: Object.keys(errors).length })]);
    afterDrawing(() => focusFirstProblem(element));
    return;
  }
  showNotice(element, []);
  await deliver(element, button, data);
}

/** @param {WfForm} element */
function transferProblem({ settings }) {
  const { running, failed } = settings.transfers;
  if (running.size) return say(TEXTS.uploading);
  return failed.size ? say(TEXTS.uploadLost, { count: failed.size }) : null;
}

/**
 * @param {WfForm} element
 * @param {HTMLElement | null} button
 * @param {object} data
 */
async function deliver(element, button, data) {
  const url = element.getAttribute('submit-url') ?? '';
  const json = { variables: data, ...JSON.parse(button?.dataset.json ?? '{}') };
  const text = JSON.stringify(json);
  const known = ATTEMPTS.get(element);
  const attempt = known?.text === text ? known : { key: effectKey(), text };
  ATTEMPTS.set(element, attempt);
  setBusy(element, button, true);
  element.draft?.stop();
  try {
    const answer = await request(url, { method: 'POST', json, key: attempt.key });
    goOn(element, answer);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (DECIDED.includes(error.status)) ATTEMPTS.delete(element);
    element.draft?.resume();
    setBusy(element, button, false);
    refuse(element, error);
  }
}

/**
 * @param {WfForm} element
 * @param {{ body: any, headers: Headers }} answer
 */
function goOn(element, { body, headers }) {
  const next = body?.next ?? headers.get('Location');
  const wanted = element.dispatchEvent(new CustomEvent('wf-done', { bubbles: true, cancelable: true, detail: body }));
  if (!wanted) return;
  if (next) location.assign(next);
  else location.reload();
}

/**
 * @param {WfForm} element
 * @param {Refusal} refusal
 */
function refuse(element, { status, body, message }) {
  const errors = body?.errors;
  if (status !== 422 || typeof errors !== 'object' || !errors) {
    showNotice(element, [message]);
  } else {
    const homeless = element.showErrors(errors);
    const count = Object.keys(errors).length - homeless.length;
    showNotice(element, [...(count ? [say(TEXTS.fix, { count })] : []), ...homeless]);
  }
  afterDrawing(() => focusFirstProblem(element));
}

/**
 * @param {WfForm} element
 * @param {HTMLElement | null} button
 * @param {boolean} busy
 */
function setBusy(element, button, busy) {
  element.sending = busy;
  button?.toggleAttribute('disabled', false);
  button?.setAttribute('aria-busy', String(busy));
}

/**
 * The viewer draws a moment after its state has changed.
 * @param {() => void} act
 */
function afterDrawing(act) {
  requestAnimationFrame(() => setTimeout(act));
}
