/** The editor's bar: undo, redo, view, files, state, deploy. */
import { say } from '../shared/language.js';
import { fit, zoomBy } from '../diagram/moving.js';
import { TEXTS } from './texts.js';

/** Pixels that the palette covers at the left. */
export const PALETTE = 120;

const ICONS = {
  undo: 'M6 3 2.5 6.5 6 10M3 6.5h6a4 4 0 0 1 0 8H7',
  redo: 'm10 3 3.5 3.5L10 10M13 6.5H7a4 4 0 0 0 0 8h2',
  zoomIn: 'M8 3v10M3 8h10',
  zoomOut: 'M3 8h10',
  fit: 'M2.5 6v-3.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10',
  open: 'M2 12.5v-9h4l1.5 2H14v7zM2 7h12',
  save: 'M8 2v8M5 7l3 3 3-3M2.5 11v2.5h11V11',
};

/** Buttons of one editor. */
export class Toolbar {
  /**
   * @param {any} modeler
   * @param {{ open: (file: File) => void, save: () => void, deploy: () => void }} actions
   */
  constructor(modeler, { open, save, deploy }) {
    const [stack, canvas] = ['commandStack', 'canvas'].map((name) => modeler.get(name));
    this.bar = document.createElement('div');
    this.bar.className = 'wf-modeler-bar';
    this.bar.setAttribute('role', 'toolbar');
    this.bar.setAttribute('aria-label', say(TEXTS.editor));
    this.undo = iconButton('undo', () => stack.undo());
    this.redo = iconButton('redo', () => stack.redo());
    this.state = document.createElement('span');
    this.state.className = 'wf-modeler-state';
    this.state.setAttribute('role', 'status');
    this.deploy = document.createElement('button');
    this.deploy.type = 'button';
    this.deploy.className = 'button primary';
    this.deploy.textContent = say(TEXTS.deploy);
    this.deploy.addEventListener('click', deploy);
    this.bar.append(
      this.undo,
      this.redo,
      gap(),
      iconButton('zoomIn', () => zoomBy(canvas, 1.2)),
      iconButton('zoomOut', () => zoomBy(canvas, 0.83)),
      iconButton('fit', () => fit(canvas, { left: PALETTE })),
      gap(),
      filePicker(open),
      iconButton('save', save, true),
      this.state,
      this.deploy,
    );
    modeler.on('commandStack.changed', () => this.refresh(stack));
    modeler.on('import.done', () => this.refresh(stack));
  }

  /** @param {any} stack */
  refresh(stack) {
    this.undo.disabled = !stack.canUndo();
    this.redo.disabled = !stack.canRedo();
  }

  /**
   * @param {string} text
   * @param {{ label: string, act: () => void }} [way] out
   */
  tell(text, way) {
    this.state.textContent = text;
    if (!way) return;
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = way.label;
    button.addEventListener('click', way.act);
    this.state.append(' · ', button);
  }
}

/**
 * @param {keyof typeof ICONS} name
 * @param {() => void} act
 * @param {boolean} [worded]
 */
function iconButton(name, act, worded = false) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = worded ? 'button quiet' : 'button quiet square';
  button.title = say(TEXTS[name]);
  button.append(icon(name), ...(worded ? [say(TEXTS[name])] : []));
  if (!worded) button.setAttribute('aria-label', say(TEXTS[name]));
  button.addEventListener('click', act);
  return button;
}

/** @param {(file: File) => void} open */
function filePicker(open) {
  const label = document.createElement('label');
  label.className = 'button quiet wf-modeler-file';
  const input = document.createElement('input');
  input.type = 'file';
  input.accept = '.bpmn,.xml';
  input.addEventListener('change', () => {
    if (input.files?.[0]) open(input.files[0]);
    input.value = '';
  });
  label.append(icon('open'), say(TEXTS.open), input);
  return label;
}

/** @param {keyof typeof ICONS} name */
function icon(name) {
  const space = 'http://www.w3.org/2000/svg';
  const picture = document.createElementNS(space, 'svg');
  picture.setAttribute('class', 'icon');
  picture.setAttribute('viewBox', '0 0 16 16');
  picture.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', ICONS[name]);
  picture.append(path);
  return picture;
}

function gap() {
  const line = document.createElement('span');
  line.className = 'wf-modeler-gap';
  return line;
}
