/** Short messages at the bottom left: 8 seconds, 20 with a way back, as long as one looks at them. Never for errors. */
import { request } from '../shared/api.js';
import { say } from '../shared/language.js';
import { TEXTS } from './texts.js';

const SHORT = 8000;
const LONG = 20_000;

/** @typedef {{ text: string, undoUrl?: string }} Message */

export function setUpToasts() {
  document.body.addEventListener('wf:toast', (event) => toast(/** @type {CustomEvent<Message>} */ (event).detail));
}

/**
 * Take over messages that came with the page: `.toast` as it is, or an empty element that only carries the text.
 * @param {ParentNode} root
 */
export function adoptToasts(root) {
  for (const element of root.querySelectorAll('[data-toast]:not([data-toast-adopted])')) {
    const { dataset } = /** @type {HTMLElement} */ (element);
    dataset.toastAdopted = '';
    if (element.classList.contains('toast')) {
      letGo(/** @type {HTMLElement} */ (element), 'toastUndo' in dataset ? LONG : SHORT);
    } else {
      element.remove();
      toast({ text: dataset.toast ?? '', undoUrl: dataset.undoUrl });
    }
  }
}

/** @param {Message} message */
export function toast({ text, undoUrl }) {
  const box = document.createElement('div');
  box.className = 'toast';
  const words = document.createElement('span');
  words.textContent = text;
  box.append(words);
  if (undoUrl) box.append(undoButton(box, undoUrl));
  place().append(box);
  letGo(box, undoUrl ? LONG : SHORT);
}

/**
 * @param {HTMLElement} box
 * @param {string} url
 */
function undoButton(box, url) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = say(TEXTS.undo);
  button.addEventListener('click', async () => {
    button.disabled = true;
    try {
      const { body } = await request(url, { method: 'POST' });
      box.remove();
      toast({ text: body?.message ?? say(TEXTS.undone) });
      document.body.dispatchEvent(new CustomEvent('wf:changed', { bubbles: true }));
    } catch (error) {
      button.replaceWith(/** @type {Error} */ (error).message);
    }
  });
  return button;
}

function place() {
  const found = document.getElementById('toasts');
  if (found) return found;
  const made = document.createElement('div');
  made.id = 'toasts';
  made.className = 'toasts';
  made.setAttribute('role', 'status');
  document.body.append(made);
  return made;
}

/**
 * @param {HTMLElement} box
 * @param {number} after milliseconds without attention
 */
function letGo(box, after) {
  const go = () => {
    if (box.matches(':hover, :focus-within')) wait();
    else box.remove();
  };
  const wait = () => setTimeout(go, after);
  wait();
}
