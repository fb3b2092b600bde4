/** The element `<wf-form>`: opens a form, keeps a draft, submits. Attributes and events: ../../README.md. */
import { language, say } from '../shared/language.js';
import { Draft } from './draft.js';
import { showNotice } from './notice.js';
import { prepare } from './schema.js';
import { send } from './submission.js';
import { TEXTS } from './texts.js';
import { createViewer } from './viewer.js';

/** Milliseconds that the viewer needs to take over the last field's value. */
const HANDOVER = 80;

export class WfForm extends HTMLElement {
  /** @type {any} */
  form = null;
  /** @type {Draft | null} */
  draft = null;
  sending = false;
  /** @type {import('./fields/frame.js').Settings} */
  settings = { uploadUrl: '', lookupUrl: '', labels: {}, transfers: { running: new Set(), failed: new Set() } };
  /** @type {AbortController | null} */
  listening = null;

  async connectedCallback() {
    if (this.form) return;
    const given = readGiven(this);
    this.settings = {
      uploadUrl: this.getAttribute('upload-url') ?? '/files',
      lookupUrl: this.getAttribute('lookup-url') ?? '/lookup',
      labels: given.labels ?? {},
      transfers: { running: new Set(), failed: new Set() },
    };
    this.form = createViewer(this.settings);
    try {
      await this.open(given);
    } catch (error) {
      showNotice(this, [say(TEXTS.broken, { reason: /** @type {Error} */ (error).message })]);
    }
  }

  /** @param {Given} given */
  async open({ schema, data, errors }) {
    const mount = document.createElement('div');
    mount.className = 'wf-form-body bio-theme-parent';
    this.append(mount);
    await this.form.importSchema(prepare(schema, language()), data ?? {});
    if (!this.form) return;
    this.form.attachTo(mount);
    this.form.setProperty('ariaLabel', (language() === 'en' && schema.properties?.name_en) || schema.name || null);
    if (this.hasAttribute('readonly')) this.form.setProperty('readOnly', true);
    else this.listen();
    if (errors && Object.keys(errors).length) setTimeout(() => this.showErrors(errors));
    this.dispatchEvent(new CustomEvent('wf-ready', { bubbles: true }));
  }

  listen() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const read = () => this.form._getSubmitData();
    const announce = (/** @type {object} */ data) =>
      this.dispatchEvent(new CustomEvent('wf-draft', { bubbles: true, detail: { data } }));
    // The viewer fills in its fields in the first frames; only what changes afterwards is the person's.
    setTimeout(() => {
      if (!this.form) return;
      this.draft = new Draft({
        url: this.getAttribute('draft-url'),
        read,
        announce,
        tell: (text, failed) => this.tell(text, failed),
      });
      this.form.on('changed', () => this.draft?.touch());
    }, 300);
    document.addEventListener('click', (event) => this.onClick(event), { signal });
    this.addEventListener('keydown', (event) => this.onKeyDown(event), { signal });
  }

  disconnectedCallback() {
    this.draft?.end();
    this.listening?.abort();
    this.form?.destroy();
    this.form = null;
    this.draft = null;
    this.querySelector(':scope > .wf-form-body')?.remove();
  }

  /**
   * Check all fields and hand out what was filled in.
   * @returns {{ data: Record<string, any>, errors: Record<string, any> }}
   */
  submit() {
    const { data, errors } = this.form.submit();
    this.dispatchEvent(new CustomEvent('wf-submit', { bubbles: true, detail: { data, errors } }));
    return { data, errors };
  }

  /** @param {HTMLElement | null} [button] that shows the work */
  async send(button = this.button()) {
    // The viewer hands a value over when its field is left, and a date some frames later.
    if (this.contains(document.activeElement)) /** @type {HTMLElement} */ (document.activeElement).blur();
    await new Promise((resolve) => {
      setTimeout(resolve, HANDOVER);
    });
    if (this.form) await send(this, button);
  }

  /**
   * Put the server's sentences at the fields.
   * @param {Record<string, any>} errors by field id; nested by index inside lists
   * @returns {string[]} sentences of fields that are not on screen
   */
  showErrors(errors) {
    const shown = new Set(
      this.form
        .get('formFieldInstanceRegistry')
        .getAllKeyed()
        .map((/** @type {{ id: string }} */ { id }) => id),
    );
    this.form._setState({ errors: Object.fromEntries(Object.entries(errors).filter(([id]) => shown.has(id))) });
    return Object.entries(errors)
      .filter(([id]) => !shown.has(id))
      .flatMap(([, problem]) => sentences(problem));
  }

  /** @returns {HTMLElement | null} the page's button for this form */
  button() {
    return this.id ? document.querySelector(`[data-submit-form="${CSS.escape(this.id)}"]`) : null;
  }

  /** @param {MouseEvent} event */
  onClick(event) {
    const target = /** @type {Element} */ (event.target);
    const button = /** @type {HTMLElement | null} */ (target.closest?.('[data-submit-form]'));
    if (!button || button.dataset.submitForm !== this.id) return;
    event.preventDefault();
    this.send(button);
  }

  /** @param {KeyboardEvent} event */
  onKeyDown(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.key !== 'Enter' || event.isComposing) return;
    if (event.ctrlKey || event.metaKey) {
      event.preventDefault();
      this.send();
    } else if (target.matches('input:not([type="checkbox"]):not([type="radio"])')) {
      event.preventDefault(); // Enter in a text field must not submit a half-filled form
    }
  }

  /**
   * @param {string} text
   * @param {boolean} [failed]
   */
  tell(text, failed = false) {
    const place =
      document.querySelector(this.getAttribute('draft-status') ?? `[data-draft-status="${CSS.escape(this.id)}"]`) ??
      this.ownStatus();
    place.textContent = text;
    place.classList.toggle('is-late', failed);
  }

  /** @returns {Element} */
  ownStatus() {
    const found = this.querySelector(':scope > .wf-draft');
    if (found) return found;
    const line = document.createElement('p');
    line.className = 'wf-draft';
    line.setAttribute('role', 'status');
    this.append(line);
    return line;
  }
}

/**
 * @param {unknown} problem a sentence, or lists and maps of them
 * @returns {string[]}
 */
function sentences(problem) {
  return typeof problem === 'string'
    ? [problem]
    : Object.values(/** @type {object} */ (problem ?? {})).flatMap(sentences);
}

/** @typedef {{ schema: any, data?: any, errors?: any, labels?: Record<string, Record<string, string>> }} Given */

/**
 * @param {HTMLElement} element
 * @returns {Given} from the child script, or from attributes of the same names
 */
function readGiven(element) {
  const script = element.querySelector(':scope > script[type="application/json"]');
  if (script) return JSON.parse(script.textContent ?? '{}');
  const read = (/** @type {string} */ name) => JSON.parse(element.getAttribute(name) ?? 'null') ?? undefined;
  return { schema: read('schema'), data: read('data'), errors: read('errors'), labels: read('labels') };
}
