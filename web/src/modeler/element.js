/** The element `<wf-modeler>`. Attributes and events: ../../README.md. */
import { effectKey, Refusal, request } from '../shared/api.js';
import { say } from '../shared/language.js';
import { fit } from '../diagram/moving.js';
import { loadChoices } from './choices.js';
import { createModeler, EMPTY } from './create.js';
import { Problems } from './problems.js';
import { TEXTS } from './texts.js';
import { PALETTE, Toolbar } from './toolbar.js';

const PAUSE = 800;

export class WfModeler extends HTMLElement {
  /** @type {any} */
  modeler = null;
  /** @type {Toolbar | null} */
  toolbar = null;
  /** @type {Problems | null} */
  problems = null;
  /** @type {AbortController | null} */
  listening = null;
  /** @type {AbortController | null} */
  linting = null;
  /** @type {number | undefined} */
  timer = undefined;
  changed = false;

  async connectedCallback() {
    if (this.modeler) return;
    this.listening = new AbortController();
    const { signal } = this.listening;
    const { canvas, panel, list } = this.layOut();
    this.modeler = createModeler(canvas, panel);
    loadChoices(this.getAttribute('choices-url'), this.modeler, signal);
    this.toolbar = new Toolbar(this.modeler, {
      open: (file) => this.openFile(file),
      save: () => this.saveFile(),
      deploy: () => this.deploy(),
    });
    if (!this.hasAttribute('deploy-url')) this.toolbar.deploy.remove();
    this.prepend(this.toolbar.bar);
    this.problems = new Problems(this.modeler, list);
    addEventListener(
      'beforeunload',
      (event) => {
        if (this.changed) event.preventDefault();
      },
      { signal },
    );
    this.modeler.on('commandStack.changed', (/** @type {any} */ { trigger }) => {
      if (trigger !== 'clear') this.onChange();
    });
    await this.load(signal);
  }

  /** @param {AbortSignal} signal */
  async load(signal) {
    const url = this.getAttribute('load-url');
    try {
      const xml = url ? (await request(url, { signal })).body : EMPTY;
      await this.show(xml);
      this.dispatchEvent(new CustomEvent('wf-ready', { bubbles: true }));
    } catch (error) {
      if (!signal.aborted) this.toolbar?.tell(say(TEXTS.notOpened, { reason: /** @type {Error} */ (error).message }));
    }
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.linting?.abort();
    clearTimeout(this.timer);
    this.modeler?.destroy();
    this.modeler = null;
    this.replaceChildren();
  }

  /** @param {string} xml */
  async show(xml) {
    await this.modeler.importXML(xml);
    fit(this.modeler.get('canvas'), { left: PALETTE });
    this.changed = false;
    this.toolbar?.tell(say(TEXTS.unchanged));
    await this.lint();
    this.modeler?.get('canvas').resized(); // the list of problems has taken its room
    if (this.modeler && !this.changed) fit(this.modeler.get('canvas'), { left: PALETTE });
  }

  /** @returns {Promise<string>} */
  async xml() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  onChange() {
    this.changed = true;
    this.toolbar?.tell(say(TEXTS.changed));
    this.dispatchEvent(new CustomEvent('wf-changed', { bubbles: true }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.lint(), PAUSE);
  }

  /** Ask the server what it would refuse. */
  async lint() {
    const url = this.getAttribute('lint-url');
    if (!url) return;
    this.linting?.abort();
    const control = new AbortController();
    this.linting = control;
    try {
      const { body } = await request(url, { method: 'POST', json: { xml: await this.xml() }, signal: control.signal });
      if (!control.signal.aborted) this.problems?.show(body.problems ?? []);
    } catch (error) {
      if (control.signal.aborted) return;
      const told = error instanceof Refusal && error.body?.problems;
      if (told) this.problems?.show(told);
      else this.problems?.head(say(TEXTS.notChecked, { reason: /** @type {Error} */ (error).message }), 'warn');
    }
  }

  async deploy() {
    const button = /** @type {Toolbar} */ (this.toolbar).deploy;
    if (button.getAttribute('aria-busy') === 'true') return;
    button.setAttribute('aria-busy', 'true');
    try {
      const xml = await this.xml();
      const answer = await request(this.getAttribute('deploy-url') ?? '', {
        method: 'POST',
        json: { xml, name: this.fileName() },
        key: effectKey(),
      });
      this.onDeployed(answer.body);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const told = error.body?.problems;
      if (told) this.problems?.show(told);
      this.toolbar?.tell(told ? say(TEXTS.refused, { count: told.length }) : error.message);
    } finally {
      button.setAttribute('aria-busy', 'false');
    }
  }

  /** @param {{ version: number | string, next?: string }} answer */
  onDeployed(answer) {
    this.changed = false;
    this.toolbar?.tell(say(TEXTS.deployed, { version: answer.version }));
    const stay = !this.dispatchEvent(
      new CustomEvent('wf-deployed', { bubbles: true, cancelable: true, detail: answer }),
    );
    if (answer.next && !stay) location.assign(answer.next);
  }

  /** @param {File} file */
  async openFile(file) {
    const before = await this.xml();
    const wasChanged = this.changed;
    try {
      await this.show(await file.text());
      this.changed = true;
      const back = async () => {
        await this.show(before);
        this.changed = wasChanged;
      };
      this.toolbar?.tell(say(TEXTS.opened, { name: file.name }), { label: say(TEXTS.back), act: back });
    } catch (error) {
      await this.show(before);
      this.changed = wasChanged;
      this.toolbar?.tell(say(TEXTS.notOpened, { reason: /** @type {Error} */ (error).message }));
    }
  }

  async saveFile() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([await this.xml()], { type: 'application/xml' }));
    link.download = this.fileName();
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  fileName() {
    const root = this.modeler
      .getDefinitions()
      .rootElements.find((/** @type {any} */ one) => one.$type === 'bpmn:Process');
    return this.getAttribute('file-name') ?? `${root?.id ?? 'diagram'}.bpmn`;
  }

  layOut() {
    const part = (/** @type {string} */ name, /** @type {string} */ label) => {
      const region = document.createElement('section');
      region.className = name;
      region.setAttribute('aria-label', label);
      return region;
    };
    const canvas = part('wf-modeler-canvas', say(TEXTS.canvas));
    const panel = part('wf-modeler-panel', say(TEXTS.panel));
    const list = part('wf-modeler-problems', say(TEXTS.problems));
    this.append(canvas, panel, list);
    return { canvas, panel, list };
  }
}
