"""How each BPMN element runs: SpiffWorkflow task specs with their hooks overridden, one file a family."""
