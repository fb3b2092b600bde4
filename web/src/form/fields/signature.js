/** `wf-signature`: a name written by finger, pen or mouse, kept as a picture; the form keeps its id. */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { effectKey } from '../../shared/api.js';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { describedBy, Frame, useSettings } from './frame.js';
import { Icon } from './icons.js';
import { Pad } from './pad.js';
import { send } from './transfer.js';

/** @type {Map<string, string>} pictures written on this page, by file id */
const WRITTEN = new Map();
/** Milliseconds without the pen after which the signature is sent. */
const PAUSE = 1200;

/** @param {import('./frame.js').FieldProps} props */
export function Signature(props) {
  const { field, value, domId, onChange } = props;
  const locked = props.disabled || props.readonly;
  return html`<${Frame} props=${props}>
    ${
      value
        ? html`<${Kept} id=${value} label=${field.label} locked=${locked} onAgain=${() => onChange({ value: null })} />`
        : !locked &&
          html`<${Writing} id=${domId} label=${field.label} described=${describedBy(props)}
          onDone=${(/** @type {string} */ id) => onChange({ value: id })} />`
    }
  <//>`;
}

Signature.config = {
  type: 'wf-signature',
  keyed: true,
  name: '签名',
  group: 'basic-input',
  emptyValue: null,
  sanitizeValue: (/** @type {{ value: unknown }} */ { value }) => (typeof value === 'string' && value ? value : null),
  create: (/** @type {object} */ options = {}) => ({ ...options }),
};

/** @param {{ id: string, label: string, locked?: boolean, onAgain: () => void }} props */
function Kept({ id, label, locked, onAgain }) {
  const { uploadUrl } = useSettings();
  const picture = WRITTEN.get(id) ?? `${uploadUrl}/${encodeURIComponent(id)}?inline`;
  return html`<div class="wf-signature">
    <img src=${picture} alt=${say(TEXTS.signed, { label })} />
    ${!locked && html`<button type="button" class="wf-signature-again" onClick=${onAgain}><${Icon} name="again" />${say(TEXTS.signAgain)}</button>`}
  </div>`;
}

/**
 * Sends what was written once the pen rests; until then the form waits.
 * @param {{ id: string, label: string, described: string, onDone: (id: string) => void }} props
 */
function Writing({ id, label, described, onDone }) {
  const { uploadUrl, transfers } = useSettings();
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const timer = useRef(0);
  const [token] = useState(effectKey);
  const [problem, setProblem] = useState('');
  const [pen, setPen] = useState(0);
  const forget = () => {
    clearTimeout(timer.current);
    transfers.running.delete(token);
    transfers.failed.delete(token);
  };
  useEffect(() => forget, []);

  const keep = async (/** @type {Blob} */ picture) => {
    const file = new File([picture], 'signature.png', { type: 'image/png' });
    try {
      const stored = await send(file, uploadUrl, () => {});
      if (!transfers.running.delete(token)) return;
      WRITTEN.set(stored.id, URL.createObjectURL(picture));
      onDone(stored.id);
    } catch (error) {
      transfers.running.delete(token);
      transfers.failed.add(token);
      setProblem(/** @type {Error} */ (error).message);
    }
  };
  const begin = () => {
    forget();
    transfers.running.add(token);
    setProblem('');
  };
  const rest = () => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(
      () => canvas.current?.toBlob((picture) => picture && keep(picture), 'image/png'),
      PAUSE,
    );
  };
  const clear = () => {
    forget();
    setProblem('');
    setPen(pen + 1);
  };
  const take = (/** @type {Event} */ event) => {
    const [file] = /** @type {HTMLInputElement} */ (event.target).files ?? [];
    if (!file) return;
    begin();
    keep(file);
  };
  return html`<div class="wf-signature">
    <${Pad} key=${pen} canvas=${canvas} label=${say(TEXTS.signHere, { label })} described=${described} onBegin=${begin} onRest=${rest} />
    <div class="wf-signature-tools">
      <button type="button" onClick=${clear}>${say(TEXTS.signClear)}</button>
      <label class="wf-signature-photo">${say(TEXTS.signPhoto)}
        <input id=${id} type="file" accept="image/*" aria-label=${say(TEXTS.signPhoto)} onChange=${take} /></label>
    </div>
    ${
      problem &&
      html`<p class="wf-signature-problem" role="alert">${problem} <button type="button" onClick=${() => {
        begin();
        rest();
      }}>${say(TEXTS.signSend)}</button></p>`
    }
  </div>`;
}
