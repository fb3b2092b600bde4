/** The panel's group 服务步骤: limits and standards that BPMN has no field for. */
import {
  CheckboxEntry,
  Group,
  isCheckboxEntryEdited,
  isSelectEntryEdited,
  isTextAreaEntryEdited,
  isTextFieldEntryEdited,
  SelectEntry,
  TextAreaEntry,
  TextFieldEntry,
} from '@bpmn-io/properties-panel';
import { useCallback } from '@bpmn-io/properties-panel/preact/hooks';
import { useService } from 'bpmn-js-properties-panel';
import { say } from '../shared/language.js';
import { PROCESS_FIELDS, STEP_FIELDS } from './service-fields.js';
import { carrier, readProperty, writeProperty } from './zeebe.js';

/** Groups of the panel that the engine refuses anyway; what a designer can't use is not shown. */
const HIDDEN = ['Zeebe__ExecutionListeners', 'Zeebe__TaskListeners', 'userTaskImplementation', 'event-condition'];
const STEPS = /^bpmn:(UserTask|ServiceTask|SendTask|ReceiveTask|BusinessRuleTask|CallActivity|SubProcess)$/;
const AFTER_ALL_OTHERS = 100;

/** Adds the group and takes hidden ones away. */
export class ServiceProperties {
  static $inject = ['propertiesPanel'];

  /** @param {any} propertiesPanel */
  constructor(propertiesPanel) {
    propertiesPanel.registerProvider(AFTER_ALL_OTHERS, this);
  }

  /** @param {any} element */
  getGroups(element) {
    return (/** @type {any[]} */ groups) => {
      const shown = groups.filter(({ id }) => !HIDDEN.includes(id));
      const own = serviceGroup(element);
      return own ? shown.toSpliced(1, 0, own) : shown;
    };
  }
}

/** @param {any} element */
function serviceGroup(element) {
  const type = carrier(element)?.$type ?? '';
  const fields = type === 'bpmn:Process' ? PROCESS_FIELDS : STEPS.test(type) ? STEP_FIELDS : null;
  if (!fields) return null;
  return {
    id: 'service-step',
    label: say(
      type === 'bpmn:Process' ? { zh: '服务承诺', en: 'Service promise' } : { zh: '服务步骤', en: 'Service step' },
    ),
    component: Group,
    entries: fields.map((field) => ({
      id: `service-${field.name}`,
      field,
      element,
      component: Entry,
      isEdited: EDITED[field.kind],
    })),
  };
}

/** @type {Record<string, any>} */
const EDITED = {
  text: isTextFieldEntryEdited,
  area: isTextAreaEntryEdited,
  choice: isSelectEntryEdited,
  flag: isCheckboxEntryEdited,
};
/** @type {Record<string, any>} */
const ENTRIES = { text: TextFieldEntry, area: TextAreaEntry, choice: SelectEntry, flag: CheckboxEntry };

/** @param {{ id: string, element: any, field: import('./service-fields.js').Field }} props */
function Entry({ id, element, field }) {
  const services = { modeling: useService('modeling'), bpmnFactory: useService('bpmnFactory') };
  const debounce = useService('debounceInput');
  const flag = field.kind === 'flag';
  const stored = () => readProperty(element, field.name);
  // The panel checks the stored value anew, and forgets the sentence, whenever this is another function.
  const validate = useCallback(
    (/** @type {string | undefined} */ value) =>
      value && field.pattern && !field.pattern.test(value) ? say(field.wrong ?? field.label) : null,
    [field],
  );
  return ENTRIES[field.kind]({
    element,
    id,
    debounce,
    label: say(field.label),
    description: field.hint && say(field.hint),
    rows: 3,
    autoResize: true,
    getValue: () => (flag ? stored() === 'true' : stored() || undefined),
    setValue: (/** @type {any} */ value, /** @type {string | null} */ wrong) => {
      if (!wrong) writeProperty(services, element, field.name, flag ? (value ? 'true' : '') : value?.trim());
    },
    validate,
    getOptions: () => [
      { value: '', label: say({ zh: '（不写）', en: '(none)' }) },
      ...(field.options ?? []).map(([value, label]) => ({ value, label: say(label) })),
    ],
  });
}
