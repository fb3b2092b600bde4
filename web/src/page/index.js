/** Every page loads this: requests, messages, keyboard, lists, theme, live update, dialogs. */
import './page.css';
import { setUpDialogs } from './dialogs.js';
import { adoptLists, setUpLists } from './lists.js';
import { WfLive } from './live.js';
import { setUpRequests } from './requests.js';
import { adoptShortcuts, setUpShortcuts } from './shortcuts.js';
import { setUpTheme } from './theme.js';
import { adoptToasts, setUpToasts } from './toasts.js';

/** @param {ParentNode} root */
function adopt(root) {
  adoptToasts(root);
  adoptLists(root);
  adoptShortcuts(root);
}

setUpRequests(adopt);
setUpToasts();
setUpLists();
setUpShortcuts();
setUpTheme();
setUpDialogs();
adopt(document);

if (!customElements.get('wf-live')) customElements.define('wf-live', WfLive);
