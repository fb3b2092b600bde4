"""Shipped versions of processes that a designer has changed: put in force on a publisher's word."""

from flask import Response

import processes
from api import auth
from api.pages import base
from api.pages.base import pages
from api.texts import _
from engine.errors import N_, ForbiddenError
from engine.ports import COMPANY
from processes import shipping


@pages.post("/definitions/shipped/<folder>")
def adopt_shipped(folder: str) -> Response:
    """Put the shipped version in force; the designer's stays among the versions."""
    if not base.may(auth.actor(), "definition.deploy", COMPANY):
        raise ForbiddenError(N_("发布流程由流程发布人办理。需要发布，请联系流程发布人。"))
    with base.begin() as session:
        deployed = shipping.adopt(session, auth.actor(), folder, processes.resources())
        version = max(row.version for row in deployed.definitions if row.process_id == folder)
    base.done(_("随产品提供的版本已发布为第 {n} 版，原来的版本仍在版本列表里", n=version))
    return base.to("pages.definition_versions", process_id=folder)
