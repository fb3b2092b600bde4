/** Show what the linter said: marks at the elements and a list below. */
import { language, say } from '../shared/language.js';
import { TEXTS } from './texts.js';

/** @typedef {{ rule: string, severity?: 'error' | 'warning', element?: string | null, line?: number | null, zh: string, en: string }} Problem */

const LAYER = 'wf-problem';

/** The list and the marks of one editor. */
export class Problems {
  /**
   * @param {any} modeler
   * @param {HTMLElement} place
   */
  constructor(modeler, place) {
    this.modeler = modeler;
    this.place = place;
    /** @type {string[]} */
    this.marked = [];
  }

  /** @param {Problem[]} problems */
  show(problems) {
    const sorted = problems.toSorted((left, right) => Number(isError(right)) - Number(isError(left)));
    this.mark(sorted);
    const list = document.createElement('ul');
    list.append(...sorted.map((problem) => this.item(problem)));
    const errors = problems.filter(isError).length;
    this.head(
      problems.length ? say(TEXTS.counts, { errors, warnings: problems.length - errors }) : say(TEXTS.noProblems),
      errors ? 'late' : problems.length ? 'warn' : 'ok',
    );
    this.place.append(list);
  }

  /**
   * @param {string} text
   * @param {string} [state]
   */
  head(text, state = 'idle') {
    const title = document.createElement('h2');
    title.textContent = say(TEXTS.problems);
    const badge = document.createElement('span');
    badge.className = `badge ${state}`;
    badge.setAttribute('role', 'status');
    badge.textContent = text;
    const line = document.createElement('header');
    line.append(title, badge);
    this.place.replaceChildren(line);
  }

  /** @param {Problem} problem */
  item(problem) {
    const element = this.modeler.get('elementRegistry').get(problem.element ?? '');
    const name = element?.businessObject?.name || problem.element || say(TEXTS.wholeDiagram);
    const button = document.createElement('button');
    button.type = 'button';
    button.append(
      part('badge', say(isError(problem) ? TEXTS.error : TEXTS.warning), isError(problem) ? 'late' : 'warn'),
      part('strong', name),
      part('', problem[language()]),
    );
    if (problem.line) button.append(part('faint', say(TEXTS.line, { line: problem.line })));
    button.addEventListener('click', () => this.focus(element));
    const item = document.createElement('li');
    item.append(button);
    return item;
  }

  /** @param {any} element */
  focus(element) {
    const canvas = this.modeler.get('canvas');
    const target = element ?? canvas.getRootElement();
    this.modeler.get('selection').select(target);
    if (element) canvas.scrollToElement(element, 100);
    canvas.focus();
  }

  /** @param {Problem[]} problems */
  mark(problems) {
    const [overlays, canvas, registry] = ['overlays', 'canvas', 'elementRegistry'].map((name) =>
      this.modeler.get(name),
    );
    overlays.remove({ type: LAYER });
    for (const id of this.marked) {
      if (registry.get(id)) for (const marker of ['wf-refused', 'wf-warned']) canvas.removeMarker(id, marker);
    }
    const groups = Map.groupBy(
      problems.filter(({ element }) => element && registry.get(element)),
      (problem) => /** @type {string} */ (problem.element),
    );
    this.marked = [...groups.keys()];
    for (const [id, here] of groups) {
      const wrong = here.some(isError);
      canvas.addMarker(id, wrong ? 'wf-refused' : 'wf-warned');
      overlays.add(id, LAYER, {
        html: sign(here, wrong),
        position: { bottom: 10, left: -10 },
        scale: { min: 0.9, max: 1.2 },
      });
    }
  }
}

/** @param {Problem} problem a problem without severity stops the deployment */
function isError({ severity }) {
  return severity !== 'warning';
}

/**
 * @param {Problem[]} problems
 * @param {boolean} wrong
 */
function sign(problems, wrong) {
  const mark = part(wrong ? 'wf-sign' : 'wf-sign warned', '!');
  mark.title = problems.map((problem) => problem[language()]).join('\n');
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', mark.title);
  return mark;
}

/**
 * @param {string} kind
 * @param {string} text
 * @param {string} [state]
 */
function part(kind, text, state = '') {
  const span = document.createElement('span');
  span.className = `${kind} ${state}`.trim();
  span.textContent = text;
  return span;
}
