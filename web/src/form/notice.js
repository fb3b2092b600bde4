/** A note above the form for what no single field can say. */

/**
 * @param {HTMLElement} host
 * @param {string[]} sentences none takes the note away
 */
export function showNotice(host, sentences) {
  host.querySelector(':scope > .wf-notice')?.remove();
  if (!sentences.length) return;
  const note = document.createElement('div');
  note.className = 'note-box late wf-notice';
  note.setAttribute('role', 'alert');
  note.tabIndex = -1;
  for (const sentence of sentences) {
    const line = document.createElement('p');
    line.textContent = sentence;
    note.append(line);
  }
  host.prepend(note);
}

/** @param {HTMLElement} host move to the first thing that is wrong */
export function focusFirstProblem(host) {
  const field = host.querySelector('.fjs-has-errors');
  const target =
    field?.querySelector('input:not([type="file"]):not([disabled]), textarea, select, button') ??
    field?.querySelector('input') ??
    host.querySelector('.wf-notice');
  /** @type {HTMLElement | null} */ (target)?.focus({ preventScroll: true });
  (field ?? target)?.scrollIntoView({ block: 'center', behavior: 'instant' });
}
