/** For the tests: form-js's editor with stand-ins for our fields, to see that shipped forms open in it and survive. */
import { FormEditor } from '@bpmn-io/form-js-editor';

const OWN = ['wf-upload', 'wf-photo', 'wf-sheet', 'wf-signature', 'wf-person', 'wf-room', 'wf-case', 'wf-table'];

/** @param {any} fields */
function StandIns(fields) {
  for (const type of OWN) {
    const StandIn = () => null;
    StandIn.config = {
      type,
      keyed: true,
      name: type,
      group: 'basic-input',
      emptyValue: null,
      create: (/** @type {object} */ options = {}) => ({ ...options }),
    };
    fields.register(type, StandIn);
  }
}
StandIns.$inject = ['formFields'];

Object.assign(window, {
  /** @param {object} schema */
  async openInEditor(schema) {
    const editor = new FormEditor(
      /** @type {any} */ ({
        container: document.querySelector('main'),
        additionalModules: [{ __init__: ['standIns'], standIns: ['type', StandIns] }],
      }),
    );
    const { warnings } = /** @type {any} */ (await editor.importSchema(/** @type {any} */ (schema)));
    const saved = editor.saveSchema();
    editor.destroy();
    return { warnings: warnings.map(String), saved };
  },
});
