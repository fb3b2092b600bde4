/** Show a diagram read-only, with what is open and late in it: `<wf-diagram>`. */
import './diagram.css';
import { WfDiagram } from './element.js';

if (!customElements.get('wf-diagram')) customElements.define('wf-diagram', WfDiagram);
