"""What is reported of a running case: withdraw, urge, merge, press; and the cases linked to it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, g, jsonify, render_template, request, url_for
from sqlalchemy.orm import Session

from api import auth, texts
from api.pages import base, files, labels, subjects, words
from api.pages.base import pages
from api.texts import _, named
from engine import cases, compiled, idempotency, links, occurrences
from engine.errors import N_, InvalidInputError
from engine.idempotency import Answer
from engine.models import Instance, LinkKind
from engine.occurrences import Offer
from engine.ports import Actor

#: report -> its icon and the key that opens it
_LOOKS = {"urge": ("bell", "u"), "withdraw": ("return", "w"), "merge": ("clip", "m"),
          "press": ("flag", "")}  # fmt: skip
#: report -> what is said once it is made
_SAID = {
    "urge": N_("已催办，这是第 {n} 次；已通知经办人和客户经理"),
    "withdraw": N_("已登记撤诉，其余任务已关闭，请客户经理向业主确认"),
    "merge": N_("已并案，主案答复之后再答复这位业主"),
    "press": N_("已登记媒体关注，已交项目经理应对；口径同意之前请勿答复"),
}
#: (kind of link, whether it leads away from here) -> words
_LINKS = {
    (LinkKind.MERGED, True): N_("并入主案"),
    (LinkKind.MERGED, False): N_("并入本案"),
    (LinkKind.RELATED, True): N_("关联"),
    (LinkKind.RELATED, False): N_("关联"),
    (LinkKind.CONTINUES, True): N_("接续自"),
    (LinkKind.CONTINUES, False): N_("由它接续"),
    (LinkKind.REOPENS, True): N_("重新打开自"),
    (LinkKind.REOPENS, False): N_("由业主重新打开为"),
    (LinkKind.INTENDED, True): N_("登记时拟并入"),
    (LinkKind.INTENDED, False): N_("拟并入本案"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A report that this person may make now."""

    name: str
    label: str
    icon: str
    key: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A case that is linked to the one shown."""

    kind: str
    words: str
    number: str
    title: str
    state: str
    #: None: this person may not read it
    url: str | None
    #: where the merge that was intended is made; None: not intended, or not any more
    merge_url: str | None


@pages.get("/cases/<key>/report/<name>")
def report_form(key: str, name: str) -> str:
    """Show the form of a report; `main` fills in the case to merge into."""
    actor, number = auth.actor(), base.key(key)
    with base.read() as session:
        offer = occurrences.get(session, actor, number, name)
        case = session.get_one(Instance, number)
        g.zone = base.zone(session, case.tenant_id)
        return render_template(
            "report.html",
            case=case,
            offer=offer,
            label=_label(offer),
            subject=subjects.one(session, actor, case),
            form=_form(session, actor, case, offer),
        )


@pages.post("/cases/<key>/report/<name>")
def report(key: str, name: str) -> Response:
    """Make a report once under its Idempotency-Key; the case page shows what came of it."""
    actor, number, submitted = auth.actor(), base.key(key), _submitted()

    def command(session: Session) -> Answer:
        occurrences.report(
            session, actor, number, name, submitted, files=files.finder(session, actor)
        )
        files.keep(session, actor, number, submitted)
        return Answer(200, {"next": url_for("pages.case", key=number)})

    answer = idempotency.run(
        base.database(), actor_key=actor.key, key=request.headers.get("Idempotency-Key"),
        request={"report": [number, name], "variables": submitted}, command=command,
    )  # fmt: skip
    if not answer.repeated:
        _tell(number, name)
    return jsonify(answer.body)


def actions(session: Session, actor: Actor, root: Instance) -> list[Action]:
    """Return what this person may report of a case now."""
    return [_action(root, offer) for offer in occurrences.offers(session, actor, root.key)]


def linked(session: Session, actor: Actor, root: Instance) -> list[Linked]:
    """Return the cases linked to this one, with the reader's rights."""
    found = links.of(session, root.key)
    readable = {one.case.key: base.may(actor, "instance.read", one.case) for one in found}
    about = subjects.of(
        session, actor,
        {one.case.key: (one.case, one.case.title) for one in found if readable[one.case.key]},
    )  # fmt: skip
    offered = {offer.name for offer in occurrences.offers(session, actor, root.key)}
    return [
        Linked(
            kind=one.kind,
            words=_(_LINKS[one.kind, one.outward]),
            number=one.case.business_key or "",
            title=about[one.case.key].title if one.case.key in about else "",
            state=outcome(session, one.case),
            url=url_for("pages.case", key=one.case.key) if readable[one.case.key] else None,
            merge_url=_merge_url(root, one.case)
            if one.kind == LinkKind.INTENDED and one.outward and "merge" in offered else None,
        )
        for one in found
    ]  # fmt: skip


def intended(session: Session, actor: Actor, instance_key: int) -> str | None:
    """Return where a merge that the clerk chose while recording is made, once it can be."""
    main = links.target(session, instance_key, (LinkKind.INTENDED,))
    case = session.get(Instance, instance_key)
    if main is None or case is None or main.ended_at is not None:
        return None
    offered = {offer.name for offer in occurrences.offers(session, actor, case.key)}
    return _merge_url(case, main) if "merge" in offered else None


def outcome(session: Session, case: Instance) -> str:
    """Return how a case stands: its state, or how it came out by its end event."""
    if case.end_element and case.ended_at is not None and case.state == "completed":
        return named(cases.step_name(session, case, case.end_element))
    return words.state(case.state)


def _merge_url(root: Instance, main: Instance) -> str:
    return url_for("pages.report_form", key=root.key, name="merge", main=main.business_key)


def _action(root: Instance, offer: Offer) -> Action:
    icon, key = _LOOKS.get(offer.name, ("flow", ""))
    return Action(
        name=offer.name, label=_label(offer), icon=icon, key=key,
        url=url_for("pages.report_form", key=root.key, name=offer.name),
    )  # fmt: skip


def _label(offer: Offer) -> str:
    return offer.label_en if texts.language() == "en" else offer.label


def _form(session: Session, actor: Actor, case: Instance, offer: Offer) -> Mapping[str, Any]:
    form = compiled.form(session, offer.form_key)
    context = cases.context(session, case, actor, form=form)
    main = request.args.get("main", "")
    data = form.prefill(context, {"main_case": main} if main else None)
    return {"schema": form.schema, "data": data, "labels": labels.of(session, actor, form, data)}


def _submitted() -> dict[str, Any]:
    body = request.get_json(silent=True)
    given = body.get("variables") if isinstance(body, dict) else None
    if not isinstance(given, dict):
        raise InvalidInputError(N_("请求里缺少 {name}。"), name="variables")
    return given


def _tell(number: int, name: str) -> None:
    with base.read() as session:
        known = session.get_one(Instance, number).variables
        base.tell(_(_SAID.get(name, N_("已登记")), n=known.get("urge_count") or 1))
