/** `wf-upload`: photos and files, sent as soon as they are chosen; the form keeps their ids. */
import { html } from 'htm/preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { effectKey } from '../../shared/api.js';
import { say } from '../../shared/language.js';
import { TEXTS } from '../texts.js';
import { describedBy, Frame, useSettings } from './frame.js';
import { Icon } from './icons.js';
import { send } from './transfer.js';

/** @typedef {{ token: string, file: File, picture: string | null, percent: number, problem: string | null }} Sending */
/** @typedef {{ name: string, picture: string | null }} Known */

/** @type {Map<string, Known>} files sent from this page, so that a redraw keeps name and picture */
const SENT = new Map();

/** @param {import('./frame.js').FieldProps} props */
export function Upload(props) {
  const { field, value, domId } = props;
  return html`<${Frame} props=${props}>
    <${Files} id=${domId} settings=${field} value=${value ?? []} label=${field.label} describedBy=${describedBy(props)}
      locked=${props.disabled || props.readonly} onChange=${(/** @type {string[]} */ ids) => props.onChange({ value: ids })} />
  <//>`;
}

Upload.config = {
  type: 'wf-upload',
  keyed: true,
  name: '上传',
  group: 'basic-input',
  emptyValue: [],
  sanitizeValue: (/** @type {{ value: unknown }} */ { value }) => (Array.isArray(value) ? value.map(String) : []),
  create: (/** @type {object} */ options = {}) => ({ ...options }),
};

/**
 * The control itself, also for a table's cell.
 * @param {{ id: string, label?: string, settings: Record<string, any>, value: string[], locked?: boolean, describedBy?: string,
 *   photos?: boolean, onChange: (ids: string[]) => void }} props
 */
export function Files({ id, label, settings, value, locked, photos, describedBy: described, onChange }) {
  const { sending, add, retry, forget, note } = useSending(settings.max ?? 9, value, onChange);
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    if (!locked) add([...(event.dataTransfer?.files ?? [])]);
  };
  const count = value.length + sending.length;
  return html`<div class=${photos ? 'wf-files wf-photos' : 'wf-files'} onDragOver=${(/** @type {Event} */ event) => event.preventDefault()} onDrop=${drop}>
    ${
      count > 0 &&
      html`<ul>
      ${value.map(
        (file, index) => html`<${Stored} key=${file} id=${file} number=${index + 1} locked=${locked}
        onRemove=${() => onChange(value.filter((other) => other !== file))} />`,
      )}
      ${sending.map((item) => html`<${Running} key=${item.token} item=${item} onRetry=${() => retry(item)} onRemove=${() => forget(item)} />`)}
    </ul>`
    }
    ${
      !locked &&
      html`<div class="wf-files-add">
      <${Choose} id=${id} label=${label} described=${described} accept=${settings.accept} multiple=${(settings.max ?? 9) > 1}
        camera=${settings.camera} photos=${photos} onFiles=${add} />
      ${count > 0 && html`<span class="wf-files-count">${say(TEXTS.uploadCount, { count, max: settings.max ?? 9 })}</span>`}
    </div>`
    }
    <span class="wf-files-note" role="status">${note}</span>
  </div>`;
}

/**
 * @param {number} max
 * @param {string[]} value
 * @param {(ids: string[]) => void} onChange
 */
function useSending(max, value, onChange) {
  const { uploadUrl, transfers } = useSettings();
  const [sending, setSending] = useState(/** @type {Sending[]} */ ([]));
  const [note, setNote] = useState('');
  const latest = useRef(value);
  latest.current = value;
  const mine = useRef(new Set());
  useEffect(
    () => () =>
      mine.current.forEach((token) => {
        transfers.running.delete(token);
        transfers.failed.delete(token);
      }),
    [],
  );

  const change = (/** @type {string} */ token, /** @type {Partial<Sending>} */ part) =>
    setSending((all) => all.map((item) => (item.token === token ? { ...item, ...part } : item)));
  const drop = (/** @type {string} */ token) => {
    transfers.running.delete(token);
    transfers.failed.delete(token);
    setSending((all) => all.filter((item) => item.token !== token));
  };
  const start = async (/** @type {Sending} */ item) => {
    transfers.failed.delete(item.token);
    transfers.running.add(item.token);
    change(item.token, { problem: null, percent: 0 });
    try {
      const { id, name } = await send(item.file, uploadUrl, (percent) => change(item.token, { percent }));
      if (!transfers.running.has(item.token)) return;
      SENT.set(id, { name, picture: item.picture });
      drop(item.token);
      latest.current = [...new Set([...latest.current, id])];
      onChange(latest.current);
    } catch (error) {
      if (!transfers.running.delete(item.token)) return;
      transfers.failed.add(item.token);
      change(item.token, { problem: /** @type {Error} */ (error).message });
    }
  };
  const add = (/** @type {File[]} */ files) => {
    const room = max - latest.current.length - sending.length;
    setNote(files.length > room ? say(TEXTS.uploadFull, { max }) : '');
    const items = files.slice(0, Math.max(0, room)).map(toSending);
    items.forEach(({ token }) => mine.current.add(token));
    setSending((all) => [...all, ...items]);
    items.forEach(start);
  };
  return { sending, add, retry: start, forget: (/** @type {Sending} */ item) => drop(item.token), note };
}

/** @param {File} file @returns {Sending} */
function toSending(file) {
  const picture = file.type.startsWith('image/') ? URL.createObjectURL(file) : null;
  return { token: effectKey(), file, picture, percent: 0, problem: null };
}

/** @param {{ id: string, label?: string, described?: string, accept?: string, multiple: boolean, camera?: boolean, photos?: boolean, onFiles: (files: File[]) => void }} props */
function Choose({ id, label, described, accept, multiple, camera, photos, onFiles }) {
  const take = (/** @type {Event} */ event) => {
    const input = /** @type {HTMLInputElement} */ (event.target);
    onFiles([...(input.files ?? [])]);
    input.value = '';
  };
  const coarse = matchMedia('(pointer: coarse)').matches;
  const touch = camera && coarse;
  const words = photos ? [TEXTS.choosePhotos, TEXTS.dropPhotos] : [TEXTS.chooseFiles, TEXTS.dropHere];
  const text = say(words[coarse ? 0 : 1]);
  return html`
    ${
      touch &&
      html`<label class="wf-files-choose"><${Icon} name="camera" />${say(TEXTS.takePhoto)}
      <input type="file" accept="image/*" capture="environment" aria-label=${`${label ?? ''} ${say(TEXTS.takePhoto)}`} onChange=${take} />
    </label>`
    }
    <label class="wf-files-choose"><${Icon} name=${camera && !touch ? 'camera' : 'clip'} />${text}
      <input id=${id} type="file" accept=${accept} multiple=${multiple} aria-label=${`${label ?? ''} ${text}`} aria-describedby=${described} onChange=${take} />
    </label>`;
}

/** @param {{ id: string, number: number, locked?: boolean, onRemove: () => void }} props */
function Stored({ id, number, locked, onRemove }) {
  const { uploadUrl, labels } = useSettings();
  const [plain, setPlain] = useState(false);
  const known = SENT.get(id);
  const name = known?.name ?? labels.file?.[id] ?? say(TEXTS.file, { number });
  const address = `${uploadUrl}/${encodeURIComponent(id)}`;
  const picture = known ? known.picture : `${address}?thumb`;
  return html`<li>
    <a href=${`${address}?inline`} target="_blank" rel="noopener" aria-label=${say(TEXTS.openFile, { name })}>
      ${picture && !plain ? html`<img src=${picture} alt="" loading="lazy" onError=${() => setPlain(true)} />` : html`<${Icon} name="file" />`}
      <span>${name}</span>
    </a>
    ${!locked && html`<${Remove} label=${say(TEXTS.removeFile, { name })} onClick=${onRemove} />`}
  </li>`;
}

/** @param {{ item: Sending, onRetry: () => void, onRemove: () => void }} props */
function Running({ item, onRetry, onRemove }) {
  const { name } = item.file;
  return html`<li class=${item.problem ? 'failed' : 'running'}>
    ${item.picture ? html`<img src=${item.picture} alt="" />` : html`<${Icon} name="file" />`}
    ${
      item.problem
        ? html`<button type="button" class="wf-files-again" title=${item.problem} onClick=${onRetry} aria-label=${say(TEXTS.uploadAgain, { name })}>
          <${Icon} name="again" />${say(TEXTS.uploadFailed)}</button>
          <span class="sr-only" role="alert">${item.problem}</span>`
        : html`<progress max="100" value=${item.percent} aria-label=${`${name} ${say(TEXTS.uploadProgress, { percent: item.percent })}`}></progress>`
    }
    <span>${name}</span>
    <${Remove} label=${say(TEXTS.removeFile, { name })} onClick=${onRemove} />
  </li>`;
}

/** @param {{ label: string, onClick: () => void }} props */
function Remove({ label, onClick }) {
  return html`<button type="button" class="wf-files-remove" aria-label=${label} title=${label} onClick=${onClick}><${Icon} name="close" /></button>`;
}
