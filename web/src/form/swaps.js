/** Translate and label what form-js-viewer hard-codes, before it reaches the page. */
import { options } from 'preact';

/** @typedef {Record<string, any>} Props */
/** @typedef {(text: string, values?: Record<string, unknown>) => string} Translate */

/** @type {Record<string, (props: Props, translate: Translate) => void>} class → change */
const SWAPS = {
  'fjs-filepicker-button': (props, translate) => {
    props.children = translate('Browse');
  },
  'fjs-dropdownlist': (props, translate) =>
    Object.assign(props, { role: 'listbox', 'aria-label': translate('Select') }),
  'fjs-dropdownlist-empty': (props, translate) => {
    if (props.children === 'No results') props.children = translate('No results');
    Object.assign(props, { role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' });
  },
  'fjs-repeat-row-remove': (props, translate) => {
    props['aria-label'] = `${translate('Remove list item')} ${/\d+/.exec(props['aria-label'])?.[0] ?? ''}`;
  },
  'fjs-dropdownlist-item': (props) => {
    props.role = 'option';
    props['aria-selected'] = String(props.class?.includes('focused') ?? false);
  },
  'fjs-form-field-radio': (props) => nameGroup(props, 'radiogroup'),
  'fjs-form-field-checklist': (props) => nameGroup(props, 'group'),
};

/** @param {Translate} translate */
export function setUpSwaps(translate) {
  const before = options.vnode;
  options.vnode = (vnode) => {
    if (typeof vnode.type === 'string') swap(vnode.type, /** @type {Props} */ (vnode.props), translate);
    before?.(vnode);
  };
}

/**
 * @param {string} type
 * @param {Props} props
 * @param {Translate} translate
 */
function swap(type, props, translate) {
  const classes = props.class ?? props.className;
  if (typeof classes !== 'string' || !classes.includes('fjs-')) return;
  for (const name of classes.split(' ')) SWAPS[name]?.(props, translate);
  if (type === 'input' && props.placeholder === 'Search') props.placeholder = translate('Search');
}

/**
 * Radio and check groups carry a visible title but no accessible one.
 * @param {Props} props
 * @param {string} role
 */
function nameGroup(props, role) {
  const title = props.children?.[0]?.props;
  const id = props.children?.at(-1)?.props?.id;
  if (!title?.label || !id) return;
  title.id = `${id}-title`;
  props.role = role;
  props['aria-labelledby'] = title.id;
}
