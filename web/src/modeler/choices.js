/** What a designer may refer to: forms, decisions, processes and groups that are deployed, by name. */
import { request } from '../shared/api.js';

/** @typedef {{ id: string, name?: string }} Choice */
/** @typedef {'forms' | 'decisions' | 'processes' | 'groups'} Kind */

/** Entries of the panel that hold a reference, and what they may refer to. */
const ENTRIES = /** @type {Record<string, Kind>} */ ({
  formId: 'forms',
  decisionId: 'decisions',
  targetProcessId: 'processes',
  assignmentDefinitionCandidateGroups: 'groups',
});

/**
 * Ask once, then offer the names wherever the panel shows such an entry (as an HTML datalist: free text stays possible).
 * @param {string | null} url
 * @param {any} modeler
 * @param {AbortSignal} signal
 */
export async function loadChoices(url, modeler, signal) {
  if (!url) return;
  /** @type {Record<Kind, Choice[]>} */
  let choices;
  try {
    choices = (await request(url, { signal })).body;
  } catch {
    return; // the ids can still be typed
  }
  const panel = modeler.get('propertiesPanel')._container;
  for (const kind of new Set(Object.values(ENTRIES))) panel.after(datalist(kind, choices[kind] ?? []));
  const offer = () => {
    for (const [entry, kind] of Object.entries(ENTRIES)) {
      panel.querySelector(`[data-entry-id="${entry}"] input`)?.setAttribute('list', listId(kind));
    }
  };
  const watching = new MutationObserver(offer);
  watching.observe(panel, { childList: true, subtree: true });
  signal.addEventListener('abort', () => watching.disconnect());
  offer();
}

/** @param {Kind} kind */
function listId(kind) {
  return `wf-choices-${kind}`;
}

/**
 * @param {Kind} kind
 * @param {Choice[]} choices
 */
function datalist(kind, choices) {
  const list = document.createElement('datalist');
  list.id = listId(kind);
  for (const { id, name } of choices) {
    const option = document.createElement('option');
    option.value = id;
    if (name) option.label = name;
    list.append(option);
  }
  return list;
}
