"""Turn a form-js definition into nodes, noting everything that stands in the way."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from marshmallow import ValidationError

from forms import components, mixing, plans, validation
from forms.claims import Claims
from forms.components import CHOICES, CONTAINERS, FIELDS, IDENTIFIER, INSTEAD, SILENT
from forms.expressions import KEYWORDS, LOCAL, NOW, OUTSIDE, RESERVED, Path
from forms.fields.base import Component
from forms.nodes import FieldInfo, Node, Scope
from forms.problems import Problem, fault
from forms.reading import Expressions

MAX_COMPONENTS: Final = 500
MAX_NESTING: Final = 6
_RULES: Final = (
    components.markup,
    components.attributes,
    components.properties,
    validation.rules,
    validation.options,
    validation.columns,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a component stands: data path, groups and lists around it."""

    path: Path = ()
    #: path from the form's root, through lists
    full: Path = ()
    owners: tuple[str, ...] = ()
    lists: tuple[str, ...] = ()
    depth: int = 0


@dataclass(slots=True)
class Compiler:
    """One compilation: the nodes found and the problems met."""

    problems: list[Problem] = field(default_factory=list)
    infos: list[FieldInfo] = field(default_factory=list)
    expressions: Expressions = field(default_factory=Expressions)
    _ids: set[str] = field(default_factory=set)
    _claims: Claims = field(default_factory=Claims)

    def form(self, tree: Any) -> Scope:
        """Compile a whole form."""
        parts = tree.get("components", []) if isinstance(tree, Mapping) else None
        if not isinstance(parts, list) or tree.get("type", "default") != "default":
            self.problems.append(fault("not-a-form", None))
            return Scope()
        self._head(tree)
        nodes = self._components(parts, Place())
        self.problems.extend(self.expressions.unknown_names(self._names(nodes)))
        self.problems.extend(self.expressions.mixed_kinds(dict(self._kinds(nodes))))
        return self._scope(nodes, row=False)

    def _head(self, tree: Mapping[str, Any]) -> None:
        version = tree.get("schemaVersion", 1)
        if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= 19:  # noqa: PLR2004 form-js 2.0
            self.problems.append(fault("schema-version", None))
        if not IDENTIFIER.fullmatch(str(tree.get("id", ""))):
            self.problems.append(fault("form-id", None))
        if not isinstance(tree.get("properties", {}), Mapping):
            self.problems.append(fault("properties", None))

    def _components(self, parts: Iterable[Any], place: Place) -> list[Node]:
        return [node for part in parts for node in self._component(part, place)]

    def _component(self, part: Any, place: Place) -> list[Node]:
        problems = len(self.problems)
        if not self._known(part, place):
            return []
        for rule in _RULES:
            self.problems.extend(fault(code, part["id"], **params) for code, params in rule(part))
        if len(self.problems) > problems:
            # a wrong container still has children to look at
            return self._components(part.get("components") or (), place) and []
        if part["type"] in CONTAINERS:
            return self._container(part, place)
        if part["type"] in SILENT:
            self._silent(part)
            return []
        return self._field(part, place)

    def _known(self, part: Any, place: Place) -> bool:
        """Say whether the component has a type and an id to speak of."""
        identifier = part.get("id") if isinstance(part, Mapping) else None
        if not isinstance(identifier, str) or not IDENTIFIER.fullmatch(identifier):
            self.problems.append(
                fault("field-id", identifier if isinstance(identifier, str) else None)
            )
            return False
        if identifier in self._ids:
            self.problems.append(fault("duplicate-id", identifier, id=identifier))
        self._ids.add(identifier)
        if len(self._ids) > MAX_COMPONENTS or place.depth > MAX_NESTING:
            self.problems.append(fault("too-deep", identifier, limit=MAX_NESTING))
            return False
        return self._typed(part) and self._shaped(part)

    def _shaped(self, part: Component) -> bool:
        wrong = [fault(code, part["id"], **params) for code, params in components.misshapen(part)]
        self.problems.extend(wrong)
        return not wrong

    def _typed(self, part: Component) -> bool:
        kind, identifier = str(part.get("type")), part["id"]
        if kind in CONTAINERS or kind in SILENT or kind in FIELDS:
            return True
        instead = INSTEAD.get(kind)
        code = "type-instead" if instead else "type"
        self.problems.append(fault(code, identifier, type=kind, instead=instead))
        return False

    def _silent(self, part: Component) -> None:
        for name, source in components.templates(part):
            self._note(self.expressions.shown(part["id"], name, source))
        self._note(self.expressions.hide(part))

    def _container(self, part: Component, place: Place) -> list[Node]:
        repeats = part["type"] == "dynamiclist"
        path = self._path(part, part.get("path"), optional=not repeats)
        if path is None or not self._claim(part, place.full + path, place):
            return []
        for name, source in components.templates(part):
            self._note(self.expressions.shown(part["id"], name, source))
        inner = replace(
            place,
            path=() if repeats else place.path + path,
            full=place.full + path,
            owners=() if repeats else (*place.owners, part["id"]),
            lists=(*place.lists, part["id"]) if repeats else place.lists,
            depth=place.depth + 1,
        )
        node = self._node(part, place.path + path, place)
        before = len(self.infos)
        children = self._components(part.get("components") or (), inner)
        if not repeats:
            return [node, *children]
        return [self._list(node, children, before)]

    def _list(self, node: Node, children: list[Node], before: int) -> Node:
        """Return the list with its rows; it is personal when anything in it is."""
        personal = any(info.personal for info in self.infos[before:])
        info = replace(node.info, personal=personal or node.info.personal)
        self.infos.insert(before, info)
        return replace(node, rows=self._scope(children, row=True), info=info)

    def _field(self, part: Component, place: Place) -> list[Node]:
        path = self._path(part, part.get("key"), optional=False)
        if path is None or not self._claim(part, place.full + path, place):
            return []
        if part["type"] != "expression" and not label(part):
            self.problems.append(fault("label", part["id"]))
        node = self._node(part, place.path + path, place)
        made = FIELDS[part["type"]](part)
        for name, source in components.templates(part):
            self._note(self.expressions.shown(part["id"], name, source))
        if place.lists and node.default is not None:
            self.problems.append(fault("default-in-list", part["id"]))
        if node.info.secret and (part["type"] != "textfield" or len(place.full + path) != 1):
            self.problems.append(fault("secret-place", part["id"]))
        self._default_fits(part, made)
        self.infos.append(node.info)
        return [replace(node, field=made, simple=_is_simple(node) and not made.verifies)]

    def _default_fits(self, part: Component, made: Any) -> None:
        value = part.get("defaultValue")
        try:
            if value is not None and value != made.empty:
                made.clean(value)
        except ValidationError as error:
            expected = "；".join(error.messages)
            self.problems.append(
                fault("attribute", part["id"], name="defaultValue", expected=expected)
            )

    def _node(self, part: Component, path: Path, place: Place) -> Node:
        found, problems = self.expressions.of(part)
        self.problems.extend(problems)
        english = (part.get("properties") or {}).get("label_en") or label(part)
        info = FieldInfo(
            id=part["id"],
            key=".".join(place.full + path[len(place.path) :]),
            type=part["type"],
            label=label(part),
            label_en=english,
            personal=_personal(part),
            secret=_secret(part),
            required=bool((part.get("validate") or {}).get("required")),
        )
        return Node(
            id=part["id"], type=part["type"], path=path, info=info, owners=place.owners,
            required=info.required, disabled=bool(part.get("disabled")),
            default_value=part.get("defaultValue"), options_key=part.get("valuesKey") if part["type"] in CHOICES else None, **found,
        )  # fmt: skip

    def _note(self, problem: Problem | None) -> None:
        if problem is not None:
            self.problems.append(problem)

    def _path(self, part: Component, key: Any, *, optional: bool) -> Path | None:
        if optional and key in (None, ""):
            return ()
        parts = tuple(key.split(".")) if isinstance(key, str) else ()
        if parts and all(_usable(name) for name in parts):
            return parts
        self.problems.append(fault("key", part["id"], key=key))
        return None

    def _claim(self, part: Component, full: Path, place: Place) -> bool:
        if part["type"] == "group":
            free = not full or self._claims.group(full, place.lists)
        elif part["type"] == "dynamiclist":
            free = self._claims.list(full, place.lists, part["id"])
        else:
            free = self._claims.field(full, place.lists)
        if not free:
            self.problems.append(fault("path-taken", part["id"], path=".".join(full)))
        return free

    def _scope(self, nodes: list[Node], *, row: bool) -> Scope:
        plan, cycle = plans.ordered(nodes, row=row)
        if cycle:
            names = "、".join(node.id for node in cycle)
            self.problems.append(fault("cycle", cycle[0].id, fields=names))
        loose = plans.loose(nodes, row=row)
        self.problems.extend(fault("condition-loose", node.id) for node in loose)
        return Scope(nodes=tuple(nodes), plan=tuple(plan))

    def _kinds(self, nodes: Iterable[Node]) -> Iterator[tuple[str, str]]:
        """Yield dotted path and kind of value of the fields, of rows too."""
        for node in nodes:
            kind = "list" if node.rows else node.field and mixing.kind_of(node.field)
            if kind:
                yield ".".join(node.path), kind
            yield from self._kinds(node.rows.nodes if node.rows else ())

    def _names(self, nodes: Iterable[Node]) -> frozenset[str]:
        """Return every name that an expression of this form may read."""
        found = set(OUTSIDE | LOCAL | {"item", "partial", NOW})
        for node in nodes:
            found.update(node.path)
            found.update(c.key for c in getattr(node.field, "columns", ()))
            found.update({node.options_key} if node.options_key else ())
            found.update(self._names(node.rows.nodes) if node.rows else ())
        return frozenset(found)


def label(part: Component) -> str:
    """Return what a component is called; form-js gives dates and times labels of their own."""
    for name in ("label", "dateLabel", "timeLabel"):
        if isinstance(part.get(name), str) and part[name]:
            return str(part[name])
    return ""


def _personal(part: Component) -> bool:
    own = (part.get("properties") or {}).get("personal") == "true" or _secret(part)
    columns = part["columns"] if part["type"] in ("wf-table", "wf-sheet") else ()
    return own or any(column.get("personal") is True for column in columns)


def _secret(part: Component) -> bool:
    return (part.get("properties") or {}).get("secret") == "true"


def _is_simple(node: Node) -> bool:
    special = (node.required_if, node.check, node.options, node.options_key)
    return not node.bounds and all(part is None for part in special)


def _usable(name: str) -> bool:
    return name.isidentifier() and not name.startswith("_") and name not in RESERVED | KEYWORDS
