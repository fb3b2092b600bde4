/** Draw figures on a diagram: what is open and late, the way taken, the heat. */
import { say } from '../shared/language.js';
import { TEXTS } from './texts.js';

/** @typedef {{ open?: number, late?: number, passed?: number, number?: number | string, note?: string, heat?: number }} Mark */
/** @typedef {{ marks?: Record<string, Mark>, current?: string[] }} Figures */

const LAYER = 'wf-marks';

/**
 * Replace what is drawn.
 * @param {any} viewer
 * @param {Figures} figures
 */
export function drawMarks(viewer, { marks = {}, current = [] }) {
  const [overlays, canvas, registry] = ['overlays', 'canvas', 'elementRegistry'].map((name) => viewer.get(name));
  overlays.remove({ type: LAYER });
  registry.forEach((/** @type {any} */ element) => clear(canvas, element));
  for (const [id, mark] of Object.entries(marks)) {
    const element = registry.get(id);
    if (!element) continue;
    colour(canvas, element, mark);
    for (const { html, position } of badges(mark, element))
      overlays.add(id, LAYER, { html, position, scale: { min: 0.5, max: 1.15 } });
  }
  for (const id of current) if (registry.get(id)) canvas.addMarker(id, 'wf-current');
}

/**
 * @param {any} canvas
 * @param {any} element
 */
function clear(canvas, element) {
  for (const marker of [
    'wf-passed',
    'wf-late',
    'wf-current',
    'wf-heat-0',
    'wf-heat-1',
    'wf-heat-2',
    'wf-heat-3',
    'wf-heat-4',
  ])
    canvas.removeMarker(element, marker);
}

/**
 * @param {any} canvas
 * @param {any} element
 * @param {Mark} mark
 */
function colour(canvas, element, mark) {
  if (mark.passed) canvas.addMarker(element, 'wf-passed');
  if (mark.late) canvas.addMarker(element, 'wf-late');
  if (mark.heat !== undefined) canvas.addMarker(element, `wf-heat-${mark.heat}`);
}

/**
 * @param {Mark} mark
 * @param {any} element
 */
function badges(mark, element) {
  const found = [];
  if (mark.number !== undefined)
    found.push({ html: badge('wf-number', String(mark.number)), position: { top: -10, left: -10 } });
  const counts = document.createElement('span');
  counts.className = 'wf-counts';
  if (mark.open) counts.append(badge('wf-open', String(mark.open), say(TEXTS.openBadge, { count: mark.open })));
  if (mark.late) counts.append(badge('wf-late-count', `!${mark.late}`, say(TEXTS.lateBadge, { count: mark.late })));
  if (counts.childElementCount) found.push({ html: counts, position: { top: -10, left: element.width + 6 } });
  if (mark.note) found.push({ html: note(mark.note, element.width), position: { bottom: 22, left: 0 } });
  return found;
}

/**
 * @param {string} kind
 * @param {string} text
 * @param {string} [title]
 */
function badge(kind, text, title) {
  const mark = document.createElement('span');
  mark.className = kind;
  mark.textContent = text;
  if (title) mark.title = title;
  return mark;
}

/**
 * @param {string} text
 * @param {number} width
 */
function note(text, width) {
  const line = badge('wf-note', text);
  line.style.inlineSize = `${width}px`;
  return line;
}
