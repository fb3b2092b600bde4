/** Third-party modules without types of their own. */
declare module '*.css';
declare module 'bpmn-js-properties-panel';
declare module '@bpmn-io/properties-panel';
declare module '@bpmn-io/properties-panel/preact/hooks';
declare module '@bpmn-io/properties-panel/preact/jsx-runtime';
declare module 'bpmn-js-i18n/translations/zn';
declare module 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
declare module 'zeebe-bpmn-moddle/resources/zeebe.json';
declare module 'htmx.org';
