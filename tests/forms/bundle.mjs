/** Bundle form-js's viewer with a function that fills in and submits forms. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const web = resolve('.');
const require = createRequire(resolve(web, 'package.json'));
const { rolldown } = await import(pathToFileURL(require.resolve('rolldown')));
const ENTRY = resolve(web, 'viewer-under-test.js');
const SOURCE = `
  import { Form } from '@bpmn-io/form-js-viewer';

  const own = (type, emptyValue) => {
    const Component = () => null;
    Component.config = { type, keyed: true, name: type, group: 'basic-input', emptyValue, create: (options = {}) => options };
    return Component;
  };
  class OwnFields {
    static $inject = ['formFields'];
    constructor(formFields) {
      for (const [type, empty] of [['wf-upload', []], ['wf-photo', []], ['wf-sheet', []], ['wf-signature', null], ['wf-person', null], ['wf-room', null], ['wf-case', null], ['wf-table', []]]) {
        formFields.register(type, own(type, empty));
      }
    }
  }
  const drawn = () => new Promise((done) => setTimeout(done, 0));
  const settled = async () => { for (let turn = 0; turn < 6; turn += 1) await drawn(); };

  async function submitOne({ schema, initial, typed }) {
    const form = new Form({
      container: document.querySelector('#form'),
      additionalModules: [{ __init__: ['ownFields'], ownFields: ['type', OwnFields] }],
    });
    try {
      await form.importSchema(schema, initial);
      form._setState({ data: form._getInitializedFieldData({ ...structuredClone(form._getState().data), ...typed }) });
      await settled();
      const { data, errors } = form.submit();
      return { data: JSON.parse(JSON.stringify(data)), errors: JSON.parse(JSON.stringify(errors)) };
    } catch (error) {
      return { failed: String(error) };
    } finally {
      form.destroy();
    }
  }

  export async function submitAll(cases) {
    const results = [];
    for (const one of cases) results.push(await submitOne(one));
    return results;
  }
`;
const bundle = await rolldown({
  input: ENTRY,
  platform: 'browser',
  cwd: web,
  transform: { define: { 'process.env.NODE_ENV': '"production"' } },
  plugins: [{
    name: 'entry',
    resolveId: (id) => (id === ENTRY ? id : null),
    load: (id) => (id === ENTRY ? SOURCE : null),
  }],
});
await bundle.write({ file: process.argv[2], format: 'iife', name: 'FormJS', codeSplitting: false });
