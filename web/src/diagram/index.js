/** Show a diagram read-only, with where the tokens are: <wf-diagram>. */
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';

customElements.define('wf-diagram', class extends HTMLElement {
  async connectedCallback() {
    const viewer = new NavigatedViewer({ container: this });
    await viewer.importXML(await (await fetch(this.getAttribute('xml-url') ?? '')).text());
  }
});
