"""Draws diagrams: places every element of a BPMN file so that a stranger reads it at once.

Knows BPMN's shapes and XML; knows nothing of how a process runs. Lanes are rows, the flow runs
from left to right in columns, loops run around, boundary events sit on the lower edge of their
host. The same file always gives the same picture, to the byte.
"""

from engine.layout.drawing import draw

__all__ = ["draw"]
