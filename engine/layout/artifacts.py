"""Puts data objects, stores and notes on a free cell next to the element they belong to."""

from engine.layout.plan import Node, Plan


def place(plan: Plan) -> None:
    """Give every artifact a band, a column and a row."""
    placed: set[str] = {node.id for node in plan.nodes.values() if not node.kind.artifact}
    for artifact in [node for node in plan.nodes.values() if node.kind.artifact]:
        owner = _owner(plan, artifact, placed)
        if owner is None:
            last = max(len(plan.bands) - 1, 0)
            artifact.band, artifact.column = last, 0
            _insert(plan, artifact, plan.bands[last].rows)
        else:
            _beside(plan, artifact, owner, placed)
        placed.add(artifact.id)


def _owner(plan: Plan, artifact: Node, placed: set[str]) -> Node | None:
    for edge in plan.edges:
        pair = (edge.source, edge.target)
        if edge.kind == "association" and artifact.id in pair:
            other = pair[1] if pair[0] == artifact.id else pair[0]
            if other in placed:
                return plan.nodes[other]
    return None


def _beside(plan: Plan, artifact: Node, owner: Node, placed: set[str]) -> None:
    artifact.band = owner.band
    taken = {
        (node.row, node.column + step)
        for node in (plan.nodes[key] for key in placed)
        if node.band == owner.band
        for step in range(node.span)
    }
    centre = owner.column + owner.span // 2
    below = 1 if not owner.boundaries else 2
    for drop, shift in ((-1, 0), (below, 0), (-1, 1), (below, 1), (-1, -1), (below, -1)):
        row, column = owner.row + drop, centre + shift
        inside = 0 <= row < plan.bands[owner.band].rows and column >= 0
        if inside and (row, column) not in taken:
            artifact.row, artifact.column = row, column
            return
    artifact.column = centre
    _insert(plan, artifact, owner.row)


def _insert(plan: Plan, artifact: Node, row: int) -> None:
    """Open a fresh row above `row` and stand there."""
    for node in plan.nodes.values():
        if node.band == artifact.band and node.row >= row and node is not artifact:
            node.row += 1
    artifact.row = row
    plan.bands[artifact.band].rows += 1
