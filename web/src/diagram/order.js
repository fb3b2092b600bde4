/** The steps of a diagram in the order in which the work flows. */

/** @typedef {{ id: string, name: string, type: string, lane: string, next: string[] }} Step */

const TASK = /(Task|CallActivity|SubProcess)$/;
const EVENT = /(Start|End|Intermediate\w+)Event$/;

/**
 * @param {any} registry bpmn-js's elementRegistry
 * @returns {Step[]} tasks, and events with a name, breadth first from the starts
 */
export function stepsInOrder(registry) {
  const nodes = registry
    .filter((/** @type {any} */ element) => isNode(element))
    .map((/** @type {any} */ element) => element.businessObject);
  const lanes = laneNames(registry);
  const starts = nodes.filter(
    (/** @type {any} */ node) => !(node.incoming ?? []).length && node.$type !== 'bpmn:BoundaryEvent',
  );
  const seen = new Set();
  const queue = [...starts, ...nodes];
  /** @type {Step[]} */
  const steps = [];
  const walk = [...starts];
  while (walk.length || queue.length) {
    const node = walk.shift() ?? queue.shift();
    if (seen.has(node.id)) continue;
    seen.add(node.id);
    if (isStep(node))
      steps.push({
        id: node.id,
        name: node.name ?? '',
        type: node.$type,
        lane: lanes.get(node.id) ?? '',
        next: namesAfter(node),
      });
    walk.push(...followers(node));
  }
  return steps;
}

/** @param {any} element */
function isNode(element) {
  return element.type !== 'label' && element.businessObject?.$instanceOf?.('bpmn:FlowNode');
}

/** @param {any} node */
function isStep(node) {
  return TASK.test(node.$type) || (EVENT.test(node.$type) && Boolean(node.name));
}

/** @param {any} node */
function followers(node) {
  const beside = node.boundaryEventRefs ?? [];
  return [...(node.outgoing ?? []).map((/** @type {any} */ flow) => flow.targetRef), ...beside];
}

/**
 * Names of the steps that may come next, through gateways.
 * @param {any} node
 * @returns {string[]}
 */
function namesAfter(node) {
  const seen = new Set([node.id]);
  const names = new Set();
  const walk = followers(node);
  while (walk.length) {
    const next = walk.shift();
    if (!next || seen.has(next.id)) continue;
    seen.add(next.id);
    if (isStep(next)) names.add(next.name);
    else walk.push(...followers(next));
  }
  return [...names];
}

/**
 * @param {any} registry
 * @returns {Map<string, string>}
 */
function laneNames(registry) {
  const lanes = registry.filter((/** @type {any} */ element) => element.type === 'bpmn:Lane');
  return new Map(
    lanes.flatMap((/** @type {any} */ lane) =>
      (lane.businessObject.flowNodeRef ?? []).map((/** @type {any} */ node) => [
        node.id,
        lane.businessObject.name ?? '',
      ]),
    ),
  );
}
