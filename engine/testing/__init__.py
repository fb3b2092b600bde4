"""Walk a process as its people would: scenarios in YAML, run through the engine's own functions.

A scenario says who does which step with which values, lets time pass and says what must be open,
due or ended then. `walk` runs it on a database where the process is deployed, on a clock of its
own, and names the first difference with the step it was found at. processes/README.md shows
the format.
"""

from engine.testing.passing import DifferenceError, Hands, pass_time, settle
from engine.testing.state import Walked
from engine.testing.walker import walk

__all__ = ["DifferenceError", "Hands", "Walked", "pass_time", "settle", "walk"]
