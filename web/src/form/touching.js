/**
 * Tell what is wrong with a field only after somebody has touched it, or submitted. form-js also checks what a form is
 * opened with, so that a list carried in empty would be called wrong before anybody could have filled it in.
 */
import { FormContext } from '@bpmn-io/form-js-viewer';
import { useContext, useRef } from 'preact/hooks';

/**
 * A module of the viewer: its own check at the opening falls silent; `tellProblems` is the one that fields ask for.
 * @param {any} viewerCommands
 */
export function Untold(viewerCommands) {
  viewerCommands.tellProblems = viewerCommands.updateFieldInstanceValidation.bind(viewerCommands);
  viewerCommands.updateFieldInstanceValidation = () => {};
}
Untold.$inject = ['viewerCommands'];

/**
 * @param {any} props of a viewer's component
 * @returns {{ onChange: (change: object) => void, onBlur: () => void }} handlers that check a field once it is left;
 *   a change is checked by the viewer, and a sentence of the server stays until then
 */
export function useTouching(props) {
  const { getService } = useContext(/** @type {any} */ (FormContext));
  const touched = useRef(false);
  return {
    onChange: (change) => {
      touched.current = true;
      props.onChange?.(change);
    },
    onBlur: () => {
      const open = !props.readonly && !props.disabled && props.fieldInstance;
      if (open && !touched.current && !props.errors?.length) {
        getService('viewerCommands').tellProblems(props.fieldInstance, props.value);
      }
      touched.current = true;
      props.onBlur?.();
    },
  };
}
