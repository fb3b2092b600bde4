"""Runs diagrams: definitions, instances, tasks, limits, timers, history.

Knows BPMN, forms, decisions and the database. Knows no word of property management and no
Flask: what it needs of the business it asks through `engine.ports`.
"""
