/** The designer's editor for diagrams: <wf-modeler>. */
export {};
