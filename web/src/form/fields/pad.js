/** A sheet to write on: strokes of finger, pen or mouse on a canvas, dark on white in every theme. */
import { html } from 'htm/preact';
import { useEffect, useRef } from 'preact/hooks';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';

const INK = '#16202c';
const WIDTH = 2.4;

/**
 * @param {{ canvas: { current: HTMLCanvasElement | null }, label: string, described: string, onBegin: () => void, onRest: () => void }} props
 */
export function Pad({ canvas, label, described, onBegin, onRest }) {
  const last = useRef(/** @type {{ x: number, y: number } | null} */ (null));
  useEffect(() => {
    if (canvas.current) prepare(canvas.current);
  }, []);
  const down = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0 || !canvas.current) return;
    canvas.current.setPointerCapture(event.pointerId);
    canvas.current.parentElement?.classList.add('written');
    last.current = place(event);
    line(canvas.current, last.current, last.current);
    onBegin();
  };
  const move = (/** @type {PointerEvent} */ event) => {
    if (!last.current || !canvas.current) return;
    const next = place(event);
    line(canvas.current, last.current, next);
    last.current = next;
  };
  const up = () => {
    if (last.current) onRest();
    last.current = null;
  };
  return html`<div class="wf-signature-sheet">
    <canvas ref=${canvas} role="img" aria-label=${label} aria-describedby=${described}
      onPointerDown=${down} onPointerMove=${move} onPointerUp=${up} onPointerCancel=${up}></canvas>
    <span aria-hidden="true">${say(TEXTS.signHint)}</span>
  </div>`;
}

/** @param {HTMLCanvasElement} sheet */
function prepare(sheet) {
  const scale = window.devicePixelRatio || 1;
  sheet.width = Math.round(sheet.clientWidth * scale);
  sheet.height = Math.round(sheet.clientHeight * scale);
  const ink = /** @type {CanvasRenderingContext2D} */ (sheet.getContext('2d'));
  ink.fillStyle = '#fff';
  ink.fillRect(0, 0, sheet.width, sheet.height);
  ink.scale(scale, scale);
  Object.assign(ink, { strokeStyle: INK, lineWidth: WIDTH, lineCap: 'round', lineJoin: 'round' });
}

/** @param {PointerEvent} event */
function place(event) {
  return { x: event.offsetX, y: event.offsetY };
}

/**
 * @param {HTMLCanvasElement} sheet
 * @param {{ x: number, y: number }} from
 * @param {{ x: number, y: number }} to
 */
function line(sheet, from, to) {
  const ink = /** @type {CanvasRenderingContext2D} */ (sheet.getContext('2d'));
  ink.beginPath();
  ink.moveTo(from.x, from.y);
  ink.lineTo(to.x, to.y);
  ink.stroke();
}
