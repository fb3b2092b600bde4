"""Draws random sound diagrams: blocks in blocks, over forty kinds of elements."""

import random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

#: what a walker may answer: `ok` leaves loops and takes second ways
_CONDITIONS = ["ok", "again", "not(ok)", "not(again)"]


class Artist:
    """Draws one diagram of about `size` blocks."""

    def __init__(self, seed: int, size: int = 8) -> None:
        self.dice = random.Random(seed)
        self.left = size
        self.lines: list[str] = []
        self.count = 0
        self.kinds: set[str] = set()

    def draw(self) -> str:
        """Return the text of the diagram."""
        first = self.block(0)
        self.line(f"start begin -> {first[0]}")
        if self.dice.random() < 0.4:
            self.event_sub()
        self.flow(first[1], "fin")
        ending = self.dice.choice(["", " message=bye@no", " signal=bye", " terminate=1"])
        self.line(f"end fin{ending}", f"end{ending.partition('=')[0]}")
        return "\n".join(self.lines)

    def name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    def line(self, text: str, kind: str = "") -> None:
        self.kinds.add(kind or text.split(maxsplit=1)[0].strip("{"))
        self.lines.append(text)

    def flow(self, source: str, target: str) -> None:
        """Let the element that stands open lead on."""
        place = next(
            number for number, line in enumerate(self.lines)
            if len(line.split()) > 1 and line.lstrip("{ ").split()[1] == source
        )  # fmt: skip
        self.lines[place] += f" {target}" if " -> " in self.lines[place] else f" -> {target}"

    def block(self, depth: int) -> tuple[str, str]:
        """Draw a block; return its first and last element, the last without a way on."""
        self.left -= 1
        simple: list[Callable[[int], tuple[str, str]]] = [self.task, self.event, self.task]
        nested = [
            self.sequence, self.parallel, self.exclusive, self.inclusive, self.race, self.rework,
            self.scope, self.bordered, self.linked, self.complex,
        ]  # fmt: skip
        deep = depth < 4 and self.left > 0
        return self.dice.choice(nested if deep else simple)(depth)

    def task(self, _depth: int) -> tuple[str, str]:
        key = self.name("t")
        kind = self.dice.choice(
            [
                "user", "user", "task", "service job=work", "send job=mail",
                "send asTask=1 message=note@no", "receive asTask=1 message=come@no",
                "script set=count:1+1", "rule decides=priority:level", "call calls=other",
                "user multi==items x=item out=all element=ok", "user seq==items x=item",
                "user loop==not(ok) max=3", "service job=work multi==items x=item",
            ]
        )  # fmt: skip
        word, _, rest = kind.partition(" ")
        self.line(f"{word} {key} {rest}".rstrip(), kind)
        return key, key

    def event(self, _depth: int) -> tuple[str, str]:
        key = self.name("v")
        kind = self.dice.choice(
            [
                "catch timer=PT1H", "catch date=2026-05-01T09:00:00", "catch message=come@no",
                "catch signal=rain", "catch when==ok", "catch signal=rain message=come@no",
                "catch parallelMultiple=true signal=rain message=come@no", "throw signal=sun",
                "throw message=note@no", "throw escalation=HELP", "throw compensate=", "throw",
                "throw job=publish message=note@no",
            ]
        )  # fmt: skip
        word, _, rest = kind.partition(" ")
        self.line(f"{word} {key} {rest}".rstrip(), kind)
        return key, key

    def sequence(self, depth: int) -> tuple[str, str]:
        first, middle = self.block(depth + 1), self.block(depth + 1)
        self.flow(first[1], middle[0])
        return first[0], middle[1]

    def split(self, depth: int, kind: str, ways: list[str], default: str = "") -> tuple[str, str]:
        fork, join = self.name("g"), self.name("g")
        branches = [self.block(depth + 1) for _ in ways]
        flows = " ".join(
            f"{fork}_{number}:{branch[0]}{way}"
            for number, (branch, way) in enumerate(zip(branches, ways, strict=True))
        )
        extra = f" default={fork}_{default}" if default else ""
        self.line(f"{kind} {fork}{extra} -> {flows}")
        for branch in branches:
            self.flow(branch[1], join)
        self.line(f"{kind} {join}")
        return fork, join

    def parallel(self, depth: int) -> tuple[str, str]:
        return self.split(depth, "and", [""] * self.dice.randint(2, 3))

    def exclusive(self, depth: int) -> tuple[str, str]:
        return self.split(depth, "xor", [f"[={self.dice.choice(_CONDITIONS)}]", ""], "1")

    def inclusive(self, depth: int) -> tuple[str, str]:
        return self.split(depth, "or", ["[=ok]", "[=again]", ""], "2")

    def complex(self, _depth: int) -> tuple[str, str]:
        fork = self.name("g")
        join, after = self.name("c"), self.name("t")
        first, second = self.task(0), self.task(0)
        self.line(f"and {fork} -> {first[0]} {second[0]}")
        self.flow(first[1], join)
        self.flow(second[1], join)
        self.line(f"complex {join} -> {after}", "complex")
        self.line(f"task {after}")
        return fork, after

    def race(self, _depth: int) -> tuple[str, str]:
        gate, join = self.name("g"), self.name("g")
        kinds = ["timer=PT2H", "message=come@no", "signal=rain", "when==ok", "timer=P1D"]
        catches = []
        for kind in self.dice.sample(kinds, 2):
            key = self.name("v")
            self.line(f"catch {key} {kind} -> {join}")
            catches.append(key)
        self.line(f"event {gate} -> {' '.join(catches)}", "event gateway")
        self.line(f"xor {join}")
        return gate, join

    def rework(self, depth: int) -> tuple[str, str]:
        merge, ask = self.name("g"), self.name("g")
        inside = self.block(depth + 1)
        check = self.name("t")
        self.line(f"xor {merge} -> {inside[0]}")
        self.flow(inside[1], check)
        self.line(f"user {check} -> {ask}")
        out = self.name("t")
        self.line(f"xor {ask} default={ask}_out -> {ask}_back:{merge}[=again] {ask}_out:{out}")
        self.line(f"task {out}")
        return merge, out

    def linked(self, depth: int) -> tuple[str, str]:
        inside = self.block(depth + 1)
        source, target = self.name("v"), self.name("v")
        self.flow(inside[1], source)
        self.line(f"throw {source} link={source}", "throw link")
        self.line(f"catch {target} link={source}", "catch link")
        return inside[0], target

    def scope(self, depth: int) -> tuple[str, str]:
        key = self.name("s")
        kind = self.dice.choice(
            ["sub", "transaction", "adhoc", "sub multi==items x=item", "sub seq==items x=item",
             "sub loop==not(ok) max=2"]
        )  # fmt: skip
        word, _, rest = kind.partition(" ")
        self.line(f"{{ {word} {key} {rest}".rstrip(), kind)
        if word == "adhoc":
            for _ in range(2):
                self.task(depth)
        else:
            first = self.block(depth + 1)
            self.line(f"start b{key} -> {first[0]}")
            self.flow(first[1], f"e{key}")
            self.line(f"end e{key}")
            if self.dice.random() < 0.3:
                self.event_sub()
        self.line("}", "}")
        return key, key

    def event_sub(self) -> None:
        key = self.name("x")
        trigger = self.dice.choice(
            ["message=urge@no", "signal=storm", "timer=PT9H", "cycle=R2/PT5H", "when==again",
             "escalation=HELP", "error=BAD"]
        )  # fmt: skip
        quiet = (
            "" if trigger.startswith("error") else self.dice.choice(["", " isInterrupting=false"])
        )
        self.line(f"{{ sub {key} triggeredByEvent=true", "event sub-process")
        inside = self.task(9)
        self.line(f"start b{key} {trigger}{quiet} -> {inside[0]}", f"event start {trigger}{quiet}")
        self.flow(inside[1], f"e{key}")
        self.line(f"end e{key}")
        self.line("}", "}")

    def bordered(self, depth: int) -> tuple[str, str]:
        host = self.scope(depth) if self.dice.random() < 0.5 else self.task(depth)
        join = self.name("g")
        for trigger in self.dice.sample(
            ["timer=PT3H", "cycle=R3/PT4H", "message=urge@no", "signal=sun", "when==again",
             "escalation=HELP", "error=BAD"], 2,
        ):  # fmt: skip
            key = self.name("b")
            interrupts = trigger.startswith("error") or self.dice.random() < 0.5
            quiet = "" if interrupts else " cancelActivity=false"
            after = self.task(depth)
            self.line(f"boundary {key} on={host[0]} {trigger}{quiet} -> {after[0]}",
                      f"boundary {trigger}{quiet}")  # fmt: skip
            if interrupts:
                self.flow(after[1], join)
        self.flow(host[1], join)
        self.line(f"xor {join}")
        return host[0], join
