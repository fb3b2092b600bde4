/** Read and write `zeebe:properties` of an element as one undoable step. */

/** @param {any} element @returns {any} the process itself for a pool */
export function carrier(element) {
  const own = element.businessObject;
  return own.$type === 'bpmn:Participant' ? own.processRef : own;
}

/** @param {any} owner */
function propertiesOf(owner) {
  return owner?.extensionElements?.values?.find((/** @type {any} */ part) => part.$type === 'zeebe:Properties');
}

/**
 * @param {any} element
 * @param {string} name
 * @returns {string}
 */
export function readProperty(element, name) {
  const found = propertiesOf(carrier(element))?.properties?.find((/** @type {any} */ one) => one.name === name);
  return found?.value ?? '';
}

/**
 * @param {{ modeling: any, bpmnFactory: any }} services
 * @param {any} element
 * @param {string} name
 * @param {string | undefined} value none or empty takes the property away
 */
export function writeProperty({ modeling, bpmnFactory }, element, name, value) {
  if ((value ?? '') === readProperty(element, name)) return;
  const owner = carrier(element);
  const before = propertiesOf(owner);
  const make = (/** @type {string} */ type, /** @type {object} */ content, /** @type {any} */ parent) => {
    const made = bpmnFactory.create(type, content);
    made.$parent = parent;
    return made;
  };
  const others = (before?.properties ?? []).filter((/** @type {any} */ one) => one.name !== name);
  const after = make('zeebe:Properties', {}, null);
  after.properties = [...others, ...(value ? [make('zeebe:Property', { name, value }, after)] : [])];
  const extension = make('bpmn:ExtensionElements', {}, owner);
  const rest = (owner.extensionElements?.values ?? []).filter((/** @type {any} */ part) => part !== before);
  extension.values = [...rest, ...(after.properties.length ? [after] : [])];
  after.$parent = extension;
  modeling.updateModdleProperties(element, owner, {
    extensionElements: extension.values.length ? extension : undefined,
  });
}
