/** Move and zoom a diagram by buttons, keys and fingers; bpmn-js itself knows only the mouse. */
import { say } from '../shared/language.js';
import { TEXTS } from './texts.js';

const STEP = 60;
const MARGIN = 20;

/** @type {Record<string, (canvas: any) => void>} */
const KEYS = {
  ArrowLeft: (canvas) => canvas.scroll({ dx: STEP, dy: 0 }),
  ArrowRight: (canvas) => canvas.scroll({ dx: -STEP, dy: 0 }),
  ArrowUp: (canvas) => canvas.scroll({ dx: 0, dy: STEP }),
  ArrowDown: (canvas) => canvas.scroll({ dx: 0, dy: -STEP }),
  '+': (canvas) => zoomBy(canvas, 1.25),
  '=': (canvas) => zoomBy(canvas, 1.25),
  '-': (canvas) => zoomBy(canvas, 0.8),
  0: (canvas) => fit(canvas),
};

/**
 * @param {any} canvas
 * @param {number} factor
 */
export function zoomBy(canvas, factor) {
  canvas.zoom(Math.max(0.2, Math.min(4, canvas.zoom() * factor)));
}

/**
 * Show everything, but never blow it up; what would become too small is shown around one element instead.
 * @param {any} canvas
 * @param {{ least?: number, around?: any, left?: number }} [options] smallest scale; element to keep in view; pixels covered at the left
 */
export function fit(canvas, { least = 0, around = null, left = 0 } = {}) {
  const { inner, outer } = canvas.viewbox();
  if (!outer.width || !outer.height) return; // in a tab that is not shown
  const room = outer.width - left;
  const whole = Math.min(1, room / (inner.width + 2 * MARGIN), outer.height / (inner.height + 2 * MARGIN));
  const scale = Math.max(whole, least);
  const middle = around && { x: around.x + around.width / 2, y: around.y + around.height / 2 };
  canvas.viewbox({
    x: place(inner.x, inner.width, room / scale, middle?.x) - left / scale,
    y: place(inner.y, inner.height, outer.height / scale, middle?.y),
    width: outer.width / scale,
    height: outer.height / scale,
  });
}

/**
 * Where the view begins on one axis: centred if all fits, else around a point without leaving the picture.
 * @param {number} start
 * @param {number} length
 * @param {number} seen
 * @param {number | undefined} point
 */
function place(start, length, seen, point) {
  if (length + 2 * MARGIN <= seen || point === undefined) return start + length / 2 - seen / 2;
  return Math.max(start - MARGIN, Math.min(point - seen / 2, start + length + MARGIN - seen));
}

/**
 * @param {HTMLElement} frame
 * @param {any} viewer
 * @param {AbortSignal} signal
 */
export function makeMovable(frame, viewer, signal) {
  const canvas = viewer.get('canvas');
  frame.addEventListener(
    'keydown',
    (event) => {
      const act = KEYS[event.key];
      if (!act || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      event.stopPropagation();
      act(canvas);
    },
    { signal, capture: true },
  );
  // The wheel scrolls the page until someone has stepped into the picture.
  frame.addEventListener('focusin', () => viewer.get('zoomScroll').toggle(true), { signal });
  frame.addEventListener('focusout', () => viewer.get('zoomScroll').toggle(false), { signal });
  followFingers(frame, canvas, signal);
}

/**
 * One finger moves sideways (up and down stay the page's), two fingers zoom.
 * @param {HTMLElement} frame
 * @param {any} canvas
 * @param {AbortSignal} signal
 */
function followFingers(frame, canvas, signal) {
  /** @type {Map<number, PointerEvent>} */
  const fingers = new Map();
  const spread = () => {
    const [one, other] = [...fingers.values()];
    return Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY);
  };
  frame.addEventListener(
    'pointerdown',
    (event) => {
      if (event.pointerType === 'touch') fingers.set(event.pointerId, event);
    },
    { signal },
  );
  frame.addEventListener(
    'pointermove',
    (event) => {
      const before = fingers.get(event.pointerId);
      if (!before) return;
      const apart = fingers.size === 2 ? spread() : 0;
      fingers.set(event.pointerId, event);
      if (apart) zoomBy(canvas, spread() / apart);
      else canvas.scroll({ dx: event.clientX - before.clientX, dy: 0 });
    },
    { signal },
  );
  for (const over of ['pointerup', 'pointercancel']) {
    frame.addEventListener(over, (event) => fingers.delete(/** @type {PointerEvent} */ (event).pointerId), { signal });
  }
}

/** @param {any} canvas @returns {HTMLElement} */
export function zoomButtons(canvas) {
  const bar = document.createElement('div');
  bar.className = 'wf-diagram-zoom';
  for (const [text, sign, act] of /** @type {const} */ ([
    [TEXTS.zoomIn, '+', () => zoomBy(canvas, 1.25)],
    [TEXTS.zoomOut, '−', () => zoomBy(canvas, 0.8)],
    [TEXTS.fit, '⤢', () => fit(canvas)],
  ])) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = sign;
    button.title = say(text);
    button.setAttribute('aria-label', say(text));
    button.addEventListener('click', act);
    bar.append(button);
  }
  return bar;
}
