"""Gateways as BPMN 2.0 defines them: joins count the tokens that are here, flow by flow."""

from collections import defaultdict
from collections.abc import Collection
from functools import cached_property
from typing import Any

from typing_extensions import override

from engine.spiff.library import FUTURE, WAITING
from engine.spiff.scripting import Formula
from engine.spiff.specs.nodes import Node, Outgoing
from engine.spiff.steps import Passed
from engine.spiff.workflow import Instance, Token


class ExclusiveGateway(Node):
    """Takes the first flow whose condition holds, else the default."""

    @override
    def chosen(self, token: Token) -> list[Outgoing]:
        for flow in self.flows:
            if flow is self.default:
                continue
            if flow.condition is None or token.workflow.script_engine.condition(
                token, flow.condition
            ):
                return [flow]
        if self.default is not None:
            return [self.default]
        raise self.fault("no-flow-taken", "没有一条流出的条件成立", "no outgoing condition holds")


class Joining(Node):
    """A gateway where tokens wait for others."""

    def arrived(self, token: Token) -> dict[str | None, list[Token]]:
        """Return the tokens of this scope that wait here, by the flow they came by."""
        found: dict[str | None, list[Token]] = defaultdict(list)
        for peer in token.parent.children:
            if peer.task_spec is self and peer.state in (WAITING, FUTURE):
                found[peer.flow].append(peer)
        return found

    def melt(self, token: Token, tokens: list[Token]) -> None:
        """Let one token stand for all that are consumed."""
        for peer in tokens:
            if peer is not token:
                token.workflow.remove(peer.id)

    @override
    def chosen(self, token: Token) -> list[Outgoing]:
        return list(self.flows)


class ParallelGateway(Joining):
    """Waits for one token on each incoming flow, then sends one along each outgoing flow."""

    @override
    def _update_hook(self, my_task: Token) -> bool:
        incoming = self.element.incoming
        if len(incoming) > 1:
            here = self.arrived(my_task)
            if any(not here[flow] for flow in incoming):
                my_task.become(WAITING)
                return False
            self.melt(my_task, [
                my_task if my_task.flow == flow else here[flow][0] for flow in incoming
            ])  # fmt: skip
        return True


class Settling(Joining):
    """A gateway that can decide only when everything else has come to rest."""

    @override
    def _update_hook(self, my_task: Token) -> bool:
        if len(self.element.incoming) > 1:
            my_task.become(WAITING)
            return False
        return True

    def settle(self, instance: Instance) -> bool:
        """Let a waiting group go on if it may; tell whether one did."""
        seen: set[int] = set()
        for token in list(instance.tasks.values()):
            if token.task_spec is self and token.state == WAITING:
                if token.parent.id in seen:
                    continue
                seen.add(token.parent.id)
                if self.decide(token, self.arrived(token)):
                    return True
        return False

    def decide(self, token: Token, here: dict[str | None, list[Token]]) -> bool:
        """Fire if the waiting tokens suffice."""
        raise NotImplementedError

    @cached_property
    def reaching(self) -> dict[str, frozenset[str]]:
        """Return, for each incoming flow, the elements from which it can be reached without me."""
        into: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for spec in self._wf_spec.nodes.values():
            for flow in spec.flows:
                into[flow.target.name].append((flow.id, spec.name))
            for event in getattr(spec, "boundaries", ()):
                into[event.name].append(("", spec.name))
        found = {}
        for flow in self.element.incoming:
            source = next(name for key, name in into[self.name] if key == flow)
            seen, stack = set[str](), [source]
            while stack:
                name = stack.pop()
                if name not in seen and name != self.name:
                    seen.add(name)
                    stack.extend(before for _, before in into[name])
            found[flow] = frozenset(seen)
        return found

    def may_come(self, token: Token, full: Collection[str | None]) -> bool:
        """Tell whether a token elsewhere can still reach a flow that is not `full` (BPMN 13.4.3)."""
        empty = [flow for flow in self.element.incoming if flow not in full]
        for other in token.parent.children:
            if other.task_spec is self or other.listener:
                continue
            name = other.task_spec.name
            if any(name in self.reaching[flow] for flow in empty) and not any(
                name in self.reaching[flow] for flow in full if flow is not None
            ):
                return True
        return False


class InclusiveGateway(Settling):
    """Sends a token along every flow whose condition holds, and waits for all that may come."""

    @override
    def decide(self, token: Token, here: dict[str | None, list[Token]]) -> bool:
        if self.may_come(token, [flow for flow, tokens in here.items() if tokens]):
            return False
        self.melt(token, [tokens[0] for tokens in here.values() if token not in tokens])
        token.workflow.make_ready(token)
        return True

    @override
    def chosen(self, token: Token) -> list[Outgoing]:
        if len(self.flows) == 1 and self.flows[0].condition is None:
            return list(self.flows)
        return Node.chosen(self, token)


class EventBasedGateway(Node):
    """Waits for the first of several events."""

    arms = True

    @override
    def _run_hook(self, my_task: Token) -> None:
        for flow in self.flows:
            listener = my_task.workflow.listen(flow.target, my_task)
            flow.target.subscribe(listener)

    def won(self, gateway: Token, winner: Any, values: dict[str, Any]) -> None:
        """Go on at the event that came first; the others are forgotten."""
        workflow, scope = gateway.workflow, gateway.parent
        workflow.path.append(Passed(element=self.name, type=self.element.type, flow=gateway.flow))
        flow = next(flow.id for flow in self.flows if flow.target is winner)
        workflow.remove(gateway.id)
        winner.finish(Token(workflow, winner, scope, flow), values)


class ComplexGateway(Settling):
    """Fires when its condition on `activationCount` holds, then waits for the rest to come.

    After it has fired, a mark with the flows it consumed (`c`) waits until no token can come on
    the others; those that came are eaten, and the conditions are asked again with
    `waitingForStart` false. A flow without condition is taken only when it fires.
    """

    activation: Formula | None = None

    @override
    def decide(self, token: Token, here: dict[str | None, list[Token]]) -> bool:
        mark = next((peer for peer in self._peers(token) if "c" in peer.internal_data), None)
        if mark is not None:
            return self._reset(mark, here)
        token.data.update(activationCount=sum(map(len, here.values())), waitingForStart=True)
        engine = token.workflow.script_engine
        if self.activation is not None and not engine.condition(token, self.activation):
            return False
        consumed = [flow for flow, tokens in here.items() if tokens]
        self.melt(token, [tokens[0] for tokens in here.values() if token not in tokens])
        if len(consumed) < len(self.element.incoming):
            waiting = Token(token.workflow, self, token.parent)
            waiting.become(WAITING)
            waiting.internal_data["c"] = consumed
        token.workflow.make_ready(token)
        return True

    def _peers(self, token: Token) -> list[Token]:
        return [peer for peer in token.parent.children if peer.task_spec is self]

    @override
    def arrived(self, token: Token) -> dict[str | None, list[Token]]:
        found = super().arrived(token)
        found.pop(None, None)
        return found

    def _reset(self, mark: Token, here: dict[str | None, list[Token]]) -> bool:
        consumed = mark.internal_data["c"]
        if self.may_come(mark, consumed):
            return False
        late = [flow for flow in here if flow not in consumed and here[flow]]
        self.melt(mark, [here[flow][0] for flow in late])
        del mark.internal_data["c"]
        mark.data.update(activationCount=len(late), waitingForStart=False)
        mark.workflow.make_ready(mark)
        return True

    @override
    def chosen(self, token: Token) -> list[Outgoing]:
        if token.data.get("waitingForStart", True):
            return Node.chosen(self, token)
        engine = token.workflow.script_engine
        return [
            flow for flow in self.flows
            if flow.condition is not None and engine.condition(token, flow.condition)
        ]  # fmt: skip

    @override
    def leave(self, token: Token) -> None:
        if token.data.get("waitingForStart", True):
            super().leave(token)
            return
        for flow in self.chosen(token):
            token.workflow.enter(flow.target, token.parent, flow.id)
