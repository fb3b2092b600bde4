/** Change a diagram, see at once what would be refused, deploy it: `<wf-modeler>`. */
import './modeler.css';
import { WfModeler } from './element.js';
import { missing } from './translate.js';

if (!customElements.get('wf-modeler')) customElements.define('wf-modeler', WfModeler);

Object.assign(WfModeler, { missing });
