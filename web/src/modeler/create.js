/** Make the bpmn-js modeler: Camunda 8 dialect, Chinese panel, our own group. */
import Modeler from 'bpmn-js/lib/Modeler';
import {
  BpmnPropertiesPanelModule,
  BpmnPropertiesProviderModule,
  ZeebePropertiesProviderModule,
} from 'bpmn-js-properties-panel';
import CloudBehaviors from 'camunda-bpmn-js-behaviors/lib/camunda-cloud';
import zeebe from 'zeebe-bpmn-moddle/resources/zeebe.json';
import { ServiceProperties } from './service.js';
import { translate } from './translate.js';

/**
 * @param {HTMLElement} canvas
 * @param {HTMLElement} panel
 * @returns {any}
 */
export function createModeler(canvas, panel) {
  return new Modeler(
    /** @type {any} */ ({
      container: canvas,
      propertiesPanel: { parent: panel },
      debounceInput: 250,
      moddleExtensions: { zeebe },
      textRenderer: { defaultStyle: { fontFamily: getComputedStyle(canvas).fontFamily, fontSize: 12 } },
      additionalModules: [
        BpmnPropertiesPanelModule,
        BpmnPropertiesProviderModule,
        ZeebePropertiesProviderModule,
        CloudBehaviors,
        {
          __init__: ['serviceProperties'],
          serviceProperties: ['type', ServiceProperties],
          translate: ['value', translate],
        },
      ],
    }),
  );
}

/** What the editor starts with when there is nothing to load. */
export const EMPTY = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:modeler="http://camunda.org/schema/modeler/1.0" id="Definitions_1" targetNamespace="http://bpmn.io/schema/bpmn" modeler:executionPlatform="Camunda Cloud" modeler:executionPlatformVersion="8.9.0">
  <bpmn:process id="new_process" name="新流程" isExecutable="true"><bpmn:startEvent id="Start_1" name="开始" /></bpmn:process>
  <bpmndi:BPMNDiagram id="BPMNDiagram_1"><bpmndi:BPMNPlane id="BPMNPlane_1" bpmnElement="new_process"><bpmndi:BPMNShape id="Start_1_di" bpmnElement="Start_1"><dc:Bounds x="180" y="120" width="36" height="36" /></bpmndi:BPMNShape></bpmndi:BPMNPlane></bpmndi:BPMNDiagram>
</bpmn:definitions>`;
