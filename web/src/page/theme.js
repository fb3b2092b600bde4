/** Light, dark, or as the system has it: shown at once; the account form around the buttons keeps it. */

const ORDER = ['auto', 'light', 'dark'];

export function setUpTheme() {
  document.addEventListener('click', ({ target }) => {
    const button = /** @type {HTMLElement | null} */ (
      /** @type {Element} */ (target).closest?.('[data-theme-switch]') ?? null
    );
    if (button) choose(button.dataset.themeSwitch || following(current()));
  });
  mark(current());
}

function current() {
  return document.documentElement.dataset.theme ?? 'auto';
}

/** @param {string} theme */
function following(theme) {
  return ORDER[(ORDER.indexOf(theme) + 1) % ORDER.length];
}

/** @param {string} theme */
function choose(theme) {
  if (theme === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  mark(theme);
}

/** @param {string} theme */
function mark(theme) {
  for (const button of document.querySelectorAll('[data-theme-switch]:not([data-theme-switch=""])')) {
    button.setAttribute('aria-pressed', String(/** @type {HTMLElement} */ (button).dataset.themeSwitch === theme));
  }
}
