"""Gives every box its column: loops are opened, then the longest way from a start counts."""

from collections import defaultdict

from engine.layout.plan import Edge, Kind, Node, Plan


def assign(plan: Plan) -> None:
    """Mark back edges and set the columns of all boxes of the flow."""
    flows = [edge for edge in plan.flows() if edge.source in plan.nodes]
    _open_loops(plan, flows)
    forward = [edge for edge in flows if not edge.back]
    order = _topological(plan, forward)
    _push_right(plan, order, forward)
    _pull_starts(plan, order, forward)
    _place_aside(plan)


def _open_loops(plan: Plan, flows: list[Edge]) -> None:
    """Depth first from the starts in file order: an edge to an open box closes a loop."""
    leaving: dict[str, list[Edge]] = defaultdict(list)
    entered: set[str] = set()
    for edge in flows:
        leaving[edge.source].append(edge)
        entered.add(edge.target)
    state: dict[str, int] = {}
    starts = [node.id for node in plan.nodes.values() if node.id not in entered]
    for root in [*starts, *plan.nodes]:
        if root not in state:
            _walk(root, leaving, state)


def _walk(root: str, leaving: dict[str, list[Edge]], state: dict[str, int]) -> None:
    stack = [(root, iter(leaving[root]))]
    state[root] = 1
    while stack:
        node, edges = stack[-1]
        edge = next(edges, None)
        if edge is None:
            state[node] = 2
            stack.pop()
        elif state.get(edge.target) == 1:
            edge.back = True
        elif edge.target not in state:
            state[edge.target] = 1
            stack.append((edge.target, iter(leaving[edge.target])))


def _topological(plan: Plan, forward: list[Edge]) -> list[Node]:
    waiting = dict.fromkeys(plan.nodes, 0)
    leaving: dict[str, list[str]] = defaultdict(list)
    for edge in forward:
        waiting[edge.target] += 1
        leaving[edge.source].append(edge.target)
    ready = [key for key, count in waiting.items() if not count]
    order: list[Node] = []
    while ready:
        key = ready.pop(0)
        order.append(plan.nodes[key])
        for target in leaving[key]:
            waiting[target] -= 1
            if not waiting[target]:
                ready.append(target)
    return order


def _push_right(plan: Plan, order: list[Node], forward: list[Edge]) -> None:
    entering: dict[str, list[Edge]] = defaultdict(list)
    for edge in forward:
        entering[edge.target].append(edge)
    for node in order:
        ends = [plan.nodes[edge.source] for edge in entering[node.id]]
        node.column = max((end.column + end.span for end in ends), default=0)


def _pull_starts(plan: Plan, order: list[Node], forward: list[Edge]) -> None:
    """Move boxes with nothing, or only slack, before them next to what follows."""
    leaving: dict[str, list[str]] = defaultdict(list)
    entering: dict[str, list[str]] = defaultdict(list)
    for edge in forward:
        leaving[edge.source].append(edge.target)
        entering[edge.target].append(edge.source)
    for node in reversed(order):
        after = [plan.nodes[key].column for key in leaving[node.id]]
        if after and len(after) > len(entering[node.id]):
            continue
        if after and not entering[node.id]:
            node.column = min(after) - node.span


def _place_aside(plan: Plan) -> None:
    """Line event sub-processes up from the left; `rows` puts them below."""
    column: dict[int, int] = defaultdict(int)
    for node in plan.nodes.values():
        if node.aside:
            node.column = column[node.band]
            column[node.band] += node.span
        elif node.kind is Kind.SCOPE and node.span < 1:
            node.span = 1
