/** Fill in a form-js form in the product's look and words: <wf-form>. */
import { Form } from '@bpmn-io/form-js-viewer';

customElements.define('wf-form', class extends HTMLElement {
  connectedCallback() {
    const form = new Form({ container: this });
    form.importSchema(JSON.parse(this.querySelector('script')?.textContent ?? '{}').schema);
  }
});
