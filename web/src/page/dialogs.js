/** Open and close `<dialog>`s from the page: `data-open-dialog="id"`, `data-close-dialog`. */

export function setUpDialogs() {
  document.addEventListener('click', (event) => {
    const target = /** @type {Element} */ (event.target);
    const opener = /** @type {HTMLElement | null} */ (target.closest?.('[data-open-dialog]'));
    if (opener) {
      event.preventDefault();
      /** @type {HTMLDialogElement | null} */ (document.getElementById(opener.dataset.openDialog ?? ''))?.showModal();
    } else if (target.closest?.('[data-close-dialog]')) {
      target.closest('dialog')?.close();
    }
  });
}
