/** The element `<wf-diagram>`. Attributes and events: ../../README.md. */
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { request } from '../shared/api.js';
import { fill, language, say } from '../shared/language.js';
import zh from '../zh/bpmn.js';
import { drawMarks } from './marks.js';
import { fit, makeMovable, zoomButtons } from './moving.js';
import { stepsInOrder } from './order.js';
import { textVersion } from './text.js';
import { TEXTS } from './texts.js';

/** @typedef {import('./marks.js').Figures} Figures */

/**
 * @param {string} text
 * @param {Record<string, unknown>} [values]
 */
function translate(text, values) {
  return fill(language() === 'en' ? text : (zh[text] ?? text), values);
}

/** Below this scale nobody can read a step's name. */
const READABLE = 0.7;

export class WfDiagram extends HTMLElement {
  /** @type {any} */
  viewer = null;
  /** @type {AbortController | null} */
  listening = null;
  /** @type {Figures} */
  figures = {};

  async connectedCallback() {
    if (this.viewer) return;
    this.listening = new AbortController();
    this.figures = JSON.parse(this.querySelector(':scope > script')?.textContent ?? '{}');
    const frame = this.frame();
    this.viewer = new NavigatedViewer(
      /** @type {any} */ ({
        container: frame,
        zoomScroll: { enabled: false },
        textRenderer: { defaultStyle: { fontFamily: getComputedStyle(this).fontFamily, fontSize: 12 } },
        additionalModules: [{ translate: ['value', translate] }],
        bpmnRenderer: { defaultStrokeColor: '#5b666d', defaultLabelColor: '#171d21' },
      }),
    );
    try {
      await this.show(frame, this.listening.signal);
    } catch (error) {
      this.tellBroken(/** @type {Error} */ (error).message);
    }
  }

  /**
   * @param {HTMLElement} frame
   * @param {AbortSignal} signal
   */
  async show(frame, signal) {
    const { body } = await request(this.getAttribute('xml-url') ?? '', { signal });
    await this.viewer.importXML(body);
    const canvas = this.viewer.get('canvas');
    this.size(frame, canvas);
    frame.append(zoomButtons(canvas));
    makeMovable(frame, this.viewer, signal);
    this.viewer.on('element.click', (/** @type {any} */ { element }) => this.choose(element.id));
    await this.refresh();
    let width = this.clientWidth;
    const again = new ResizeObserver(() => {
      if (this.clientWidth === width) return;
      width = this.clientWidth;
      this.size(frame, canvas);
    });
    again.observe(this);
    signal.addEventListener('abort', () => again.disconnect());
    document.body.addEventListener('wf:changed', () => this.refresh(), { signal });
    this.dispatchEvent(new CustomEvent('wf-ready', { bubbles: true }));
  }

  disconnectedCallback() {
    this.listening?.abort();
    this.viewer?.destroy();
    this.viewer = null;
    for (const part of this.querySelectorAll(':scope > :not(script)')) part.remove();
  }

  /** Load the figures anew and draw them. */
  async refresh() {
    const url = this.getAttribute('marks-url');
    if (url) this.figures = (await request(url, { signal: this.listening?.signal })).body;
    if (!this.viewer) return;
    const steps = stepsInOrder(this.viewer.get('elementRegistry'));
    const figures = this.hasAttribute('numbers') ? numbered(steps, this.figures) : this.figures;
    drawMarks(this.viewer, figures);
    const old = /** @type {HTMLDetailsElement | null} */ (this.querySelector(':scope > details'));
    const text = textVersion(steps, figures, (id) => this.choose(id));
    text.open = old?.open ?? false;
    if (old) old.replaceWith(text);
    else this.append(text);
  }

  /** @param {string} id */
  choose(id) {
    const element = this.viewer.get('elementRegistry').get(id);
    this.viewer.get('selection').select(element);
    this.viewer.get('canvas').scrollToElement(element, 60);
    const name = element.businessObject?.name ?? '';
    this.dispatchEvent(new CustomEvent('wf-diagram-select', { bubbles: true, detail: { id, name } }));
  }

  /** @returns {HTMLElement} */
  frame() {
    const frame = document.createElement('div');
    frame.className = 'wf-diagram-frame';
    frame.setAttribute('role', 'group');
    frame.setAttribute('aria-label', `${this.getAttribute('aria-label') ?? say(TEXTS.picture)}：${say(TEXTS.hint)}`);
    frame.tabIndex = 0;
    this.append(frame);
    return frame;
  }

  /**
   * As high as the picture is at a scale that can be read, within reason; what is now open comes into view.
   * @param {HTMLElement} frame
   * @param {any} canvas
   */
  size(frame, canvas) {
    const { inner } = canvas.viewbox();
    const scale = Math.max(READABLE, Math.min(1, this.clientWidth / (inner.width + 40)));
    frame.style.blockSize = `${Math.round(Math.max(220, Math.min(inner.height * scale + 60, innerHeight * 0.75)))}px`;
    canvas.resized();
    const registry = this.viewer.get('elementRegistry');
    const first =
      this.figures.current?.[0] ?? Object.entries(this.figures.marks ?? {}).find(([, mark]) => mark.open)?.[0];
    const start = registry.find((/** @type {any} */ one) => one.type === 'bpmn:StartEvent');
    fit(canvas, { least: READABLE, around: registry.get(first) ?? start });
  }

  /** @param {string} reason */
  tellBroken(reason) {
    if (!this.viewer) return;
    const note = document.createElement('p');
    note.className = 'note-box late';
    note.setAttribute('role', 'alert');
    note.textContent = say(TEXTS.broken, { reason });
    this.replaceChildren(note);
  }
}

/**
 * @param {import('./order.js').Step[]} steps
 * @param {Figures} figures
 * @returns {Figures}
 */
function numbered(steps, figures) {
  const tasks = steps.filter(({ type }) => /Task$|CallActivity$/.test(type));
  const marks = Object.fromEntries(tasks.map(({ id }, index) => [id, { number: index + 1, ...figures.marks?.[id] }]));
  return { ...figures, marks: { ...figures.marks, ...marks } };
}
