"""Why a step stops: carried from where it is found to the edge of the step, never further."""

from engine.spiff.library import WorkflowException
from engine.spiff.steps import Failure


class Fault(WorkflowException):  # type: ignore[misc]  # the library is untyped
    """A step can't go on; the state that was given stays valid."""

    def __init__(self, element: str, code: str, texts: tuple[str, str], detail: str = "") -> None:
        zh, en = texts
        super().__init__(en)
        self.failure = Failure(element=element, code=code, zh=zh, en=en, detail=detail)
