/** The list of keys that `?` opens, made from what is on the page. */
import { say } from '../shared/language.js';
import { keysHere } from './shortcuts.js';
import { TEXTS } from './texts.js';

export function showKeys() {
  document.getElementById('wf-keys')?.remove();
  const dialog = document.createElement('dialog');
  dialog.id = 'wf-keys';
  dialog.className = 'dialog wf-keys';
  dialog.setAttribute('aria-labelledby', 'wf-keys-title');
  const head = document.createElement('header');
  head.id = 'wf-keys-title';
  head.textContent = say(TEXTS.keys);
  const pairs = document.createElement('dl');
  pairs.className = 'body pairs';
  for (const { key, text } of keysHere()) pairs.append(term(key), meaning(text));
  const foot = document.createElement('footer');
  const close = document.createElement('button');
  close.type = 'button';
  close.className = 'button';
  close.textContent = say(TEXTS.close);
  close.addEventListener('click', () => dialog.close());
  foot.append(close);
  dialog.append(head, pairs, foot);
  dialog.addEventListener('close', () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

/** @param {string} key */
function term(key) {
  const cell = document.createElement('dt');
  for (const part of key.split(' ')) {
    const cap = document.createElement('kbd');
    cap.textContent = part.length === 1 ? part.toUpperCase() : part;
    cell.append(cap, ' ');
  }
  return cell;
}

/** @param {string} text */
function meaning(text) {
  const cell = document.createElement('dd');
  cell.textContent = text;
  return cell;
}
