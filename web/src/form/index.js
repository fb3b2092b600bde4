/** Fill in a form in the product's look and words: `<wf-form>`. */
import './form.css';
import { WfForm } from './element.js';
import { missing } from './translate.js';

if (!customElements.get('wf-form')) customElements.define('wf-form', WfForm);

Object.assign(WfForm, { missing });
