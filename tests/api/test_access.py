"""Every endpoint for every role, with a thing of the own project and of a foreign one.

The table says what an endpoint asks of `can`; a new endpoint without a line fails the test. The
units of this house leave nothing behind, so that every call finds the same house.
"""

from contextlib import contextmanager, suppress

import pytest

from api import tokens
from engine import identity
from engine.db import Database
from engine.models import Instance, Schedule, Task
from engine.ports import COMPANY, ports
from processes import policies, roles, routines
from tests.browser.house import PASSWORD, House

ANYONE, SELF = "anyone", "self"
#: endpoint -> (what it asks, of what); "self" answers everybody with their own things only
ASKS = {
    "api-docs.openapi_json": ANYONE, "pages.healthz": ANYONE, "pages.metrics": ANYONE,
    "pages.sign_in": ANYONE, "pages.sign_in_now": ANYONE, "v2-system.status": ANYONE,
    "pages.account": SELF, "pages.save_account": SELF, "pages.change_password": SELF,
    "pages.sign_out": SELF, "pages.help_page": SELF, "pages.counts": SELF, "pages.live": SELF,
    "pages.inbox": SELF, "pages.inbox_list": SELF, "pages.cases": SELF, "pages.lookup": SELF,
    "pages.notices": SELF, "pages.open_notice": SELF, "pages.read_all": SELF,
    "pages.owner_page": ANYONE, "pages.owner_complete": ANYONE, "pages.owner_upload": ANYONE,
    "pages.owner_rate": ANYONE, "pages.owner_urge": ANYONE, "pages.owner_reopen": ANYONE,
    "pages.owner_feedback": ANYONE,
    "pages.notice_ways": SELF, "pages.save_notice_ways": SELF,
    "pages.channel_list": ("channel.manage", None), "pages.new_channel": ("channel.manage", None),
    "pages.add_channel": ("channel.manage", None), "pages.channel": ("channel.manage", None),
    "pages.change_channel": ("channel.manage", None),
    "pages.test_channel": ("channel.manage", None), "pages.test_mail": ("channel.manage", None),
    "pages.retry_letter": ("channel.manage", None),
    "pages.message_templates": ("template.edit", None),
    "pages.message_template": ("template.edit", None),
    "pages.save_message_template": ("template.edit", None),
    "pages.preview_message_template": ("template.edit", None),
    "pages.owner_messages": ("instance.read", "case"),
    "pages.send_owner_message": ("owner.tell", "case"),
    "pages.note_consent": ("owner.tell", "case"),
    "pages.create_owner_link": ("owner.tell", "case"),
    "pages.send_owner_link": ("owner.tell", "case"),
    "pages.revoke_owner_link": ("owner.tell", "case"),
    "pages.start": ("instance.start", None),
    "pages.desk": ("archive.read", None), "pages.desk_find": ("archive.read", None),
    "pages.desk_beside": ("task.read", "task"), "pages.desk_link": ("case.link", "case"),
    "pages.first_asked_list": ("instance.read", None),
    "pages.export_first_asked": ("report.export", None),
    "pages.start_alike": ("instance.start", None), "pages.upload": SELF, "pages.download": SELF,
    "pages.sheet": ("instance.read", "case"), "pages.number_sheet": ("instance.read", "case"),
    "pages.sheet_pdf": ("instance.read", "case"),
    "pages.workbook": SELF, "pages.workbook_rows": SELF,
    "pages.rows_page": ("instance.read", "task"), "pages.rows_file": ("instance.read", "task"),
    "v2-system.me": SELF, "v2-system.topology": SELF, "v2-variables.get": SELF,
    "v2-user-tasks.search": SELF, "v2-process-instances.search": SELF,
    "pages.task": ("task.read", "task"), "pages.task_tab": ("task.read", "task"),
    "pages.task_people": ("task.read", "task"), "v2-user-tasks.get": ("task.read", "task"),
    "v2-user-tasks.form": ("task.read", "task"), "v2-user-tasks.variables": ("task.read", "task"),
    "pages.save_draft": ("task.read", "task"),
    "pages.complete": ("task.work", "task"), "pages.complete_plain": ("task.work", "task"),
    "pages.claim": ("task.work", "task"), "v1-tasks.complete": ("task.work", "task"),
    "v2-user-tasks.complete": ("task.work", "task"),
    "pages.unclaim": ("task.read", "task"), "v2-user-tasks.unassign": ("task.read", "task"),
    "pages.urge": ("task.urge", "task"), "v1-tasks.urge": ("task.urge", "task"),
    "pages.assign": ("task.assign", "task"), "v2-user-tasks.assign": ("task.assign", "task"),
    "pages.correct": ("task.correct", "done"), "pages.correct_form": ("task.read", "done"),
    "pages.disclose": ("personal.disclose", "case"),
    "pages.show_id_numbers": ("id_number.show", "case"),
    "pages.show_id_number": ("id_number.show", None),
    "pages.enter_id_number": ("id_number.write", "project"),
    "pages.absence_list": SELF, "pages.record_absence": SELF, "pages.end_absence": SELF,
    "pages.leave": ("user.manage", None),
    "pages.case": ("instance.read", "case"), "v2-process-instances.get": ("instance.read", "case"),
    "v2-variables.search": ("instance.read", "case"),
    "pages.cancel_case": ("instance.cancel", "case"),
    "pages.report_form": ("case.urge", "case"), "pages.report": ("case.urge", "case"),
    "v1-cases.report": ("case.urge", "case"), "v1-cases.offers": ("instance.read", "case"),
    "v1-cases.linked": ("instance.read", "case"),
    "v2-process-instances.cancel": ("instance.cancel", "case"),
    "pages.resolve_incident": ("incident.resolve", "case"),
    "pages.incident_list": ("incident.read", None),
    "pages.operations": ("instance.operate", "case"), "pages.operate": ("instance.operate", "case"),
    "pages.earlier_steps": ("task.return", "task"), "pages.send_back": ("task.return", "task"),
    "v2-incidents.search": SELF, "v2-incidents.search_of_instance": ("instance.read", "case"),
    "v2-incidents.get": ("incident.read", "case"),
    "v2-incidents.resolve": ("incident.resolve", "case"),
    "v2-operations.suspend": ("instance.operate", "case"),
    "v2-operations.resume": ("instance.operate", "case"),
    "v2-operations.modify": ("instance.operate", "case"),
    "v2-operations.set_variables": ("instance.operate", "case"),
    "v1-operations.tokens": ("incident.read or instance.read", "case"),
    "v1-operations.skip": ("instance.operate", "case"),
    "v1-operations.fail": ("instance.operate", "case"),
    "v1-operations.restart": ("instance.operate and instance.start", "case"),
    "v1-operations.earlier_steps": ("task.return", "task"),
    "v1-operations.send_back": ("task.return", "task"),
    "pages.start_now": ("instance.start", "project"),
    "v2-jobs.search": SELF, "v2-jobs.activate": ("job.work", "project"),
    "v2-jobs.complete": ("job.work", "project"), "v2-jobs.fail": ("job.work", "project"),
    "v2-jobs.throw": ("job.work", "project"), "v2-jobs.update": ("job.work", "project"),
    "v2-messages.publish": ("message.publish", "project"),
    "v2-messages.correlate": ("message.publish", "project"),
    "v2-messages.broadcast": ("message.publish", "project"),
    "v2-process-instances.create": ("instance.start", "project"),
    "pages.definitions": ("definition.read", None),
    "pages.adopt_shipped": ("definition.deploy", "company"),
    "pages.definition_versions": ("definition.read", None),
    "pages.definition_xml": ("definition.read", None),
    "pages.edit_definition": ("definition.edit", None), "pages.choices": ("definition.edit", None),
    "pages.migration": ("instance.migrate", None), "pages.migrate": ("instance.migrate", None),
    "v1-migrations.check": ("instance.migrate", None),
    "v1-migrations.move": ("instance.migrate", None),
    "v2-migrations.migrate": ("instance.migrate", "case"),
    "v1-models.check": ("definition.read", None), "v2-forms.get": SELF,
    "v2-process-definitions.get": ("definition.read", None),
    "v2-process-definitions.search": ("definition.read", None),
    "v2-process-definitions.start_form": ("definition.read", None),
    "v2-process-definitions.xml": ("definition.read", None),
    "v1-models.deploy": ("definition.deploy", "company"),
    "v2-deployments.create_deployment": ("definition.deploy", "company"),
    "pages.archive": ("archive.browse", None), "pages.archive_room": ("archive.browse", "project"),
    "pages.archive_person": ("archive.browse", "project"),
    **dict.fromkeys(("pages.edit_resident", "pages.note_traits", "pages.note_privacy",
                     "pages.move_in", "pages.add_vehicle", "pages.add_keys"),
                    ("archive.edit", "project")),
    "pages.edit_room": ("archive.house", "project"),
    "pages.add_meter": ("archive.house", "project"),
    "pages.disclose_room": ("archive.disclose", "project"),
    "pages.move_out": ("archive.edit", "project"), "pages.end_vehicle": ("archive.edit", "project"),
    "pages.return_keys": ("archive.edit", "project"),
    "pages.archive_imports": ("archive.import", None),
    "pages.archive_template": ("archive.import", None),
    "pages.upload_archive": ("archive.import", None),
    "pages.archive_import": ("archive.import", None),
    "pages.archive_faults": ("archive.import", None),
    "pages.apply_archive": ("archive.import", None), "pages.undo_archive": ("archive.import", None),
    "pages.archive_export": ("personal.export", None),
    "pages.export_archive": ("personal.export", None),
    "pages.archive_settings": ("archive.configure", "company"),
    "pages.choose_traits": ("archive.configure", "company"),
    "pages.save_regions": ("archive.configure", "company"),
    "pages.history": ("audit.read", None), "pages.projects": ("user.manage", None),
    "pages.save_project": ("user.manage", None), "pages.hand_over": ("user.manage", None),
    "pages.revoke_token": ("user.manage", None), "pages.my_tokens": SELF,
    "pages.issue_token": SELF, "pages.revoke_my_token": SELF,
    "pages.people": ("user.manage", None), "pages.person": ("user.manage", None),
    "pages.new_person": ("user.manage", None), "pages.add_person": ("user.manage", None),
    "pages.add_membership": ("user.manage", None), "pages.end_membership": ("user.manage", None),
    "pages.reset_password": ("user.manage", None), "pages.set_active": ("user.manage", None),
    "pages.task_time": ("task.read", "task"), "pages.case_time": ("instance.read", "case"),
    "pages.case_loads": ("instance.read", "case"),
    "pages.pause_case": ("limit.pause", "task"), "pages.resume_case": ("limit.pause", "task"),
    "pages.extend_task": ("limit.extend", "task"),
    "pages.time_request_list": ("limit.grant", None),
    "pages.decide_time_request": ("limit.grant", None),
    "pages.policy_list": ("policy.read", None), "pages.policy_log": ("policy.read", None),
    "pages.policy": ("policy.read", None), "pages.preview_policy": ("policy.manage", None),
    "pages.change_policy": ("policy.manage", None),
    "v1-time.account": ("task.read", "task"), "v1-time.extend": ("limit.extend", "task"),
    "v1-time.pause": ("limit.pause", "task"), "v1-time.resume": ("limit.pause", "task"),
    "v1-time.requests": ("limit.grant", None), "v1-time.decide": ("limit.grant", None),
    "v1-policies.rules": ("policy.read", None), "v1-policies.changes": ("policy.read", None),
    "v1-policies.preview": ("policy.manage", None), "v1-policies.change": ("policy.manage", None),
    "v1-policies.reapply": ("policy.manage", None),
    "v1-policies.level_changes": ("policy.manage", None),
    "v1-rain.listed": ("rain.record", None), "v1-rounds.mine": SELF,
    "v1-rounds.answer": ("rain.record", None),
    "v1-rounds.board": ("report.read", None), "v1-rounds.weeks": ("report.read", None),
    "pages.calendar_list": ("calendar.manage", None),
    "v1-calendars.listed": ("calendar.manage", None),
    "v1-calendars.begin": ("calendar.manage", None),
    "v1-calendars.days": ("calendar.manage", None), "v1-calendars.log": ("calendar.manage", None),
    **dict.fromkeys(("v1-calendars.preview", "v1-calendars.apply", "v1-calendars.preview_import",
                     "v1-calendars.import_file"), ("calendar.manage", "company")),
    "v1-schedules.listed": ("schedule.manage", None),
    "v1-schedules.add": ("schedule.manage", None),
    "v1-schedules.change": ("schedule.manage", "company"),
    **dict.fromkeys(("v1-channels.listed", "v1-channels.add", "v1-channels.change",
                     "v1-channels.test", "v1-channels.test_mail", "v1-channels.letters",
                     "v1-channels.retry"), ("channel.manage", None)),
    "v1-templates.listed": ("template.edit", None), "v1-templates.save": ("template.edit", None),
    "v1-templates.preview": ("template.edit", None),
    "pages.schedule_list": ("schedule.manage", None),
    "pages.save_schedule": ("schedule.manage", None),
    "pages.my_daily": SELF, "pages.answer_daily": ("rain.record", None),
    "pages.daily_board": ("report.read", None), "pages.weekly_list": ("report.read", None),
    "pages.rain_list": ("rain.record", None), "pages.record_rain": ("rain.record", None),
    "pages.withdraw_rain": ("rain.record", None),
    "v1-rain.record_day": ("rain.record", "project"), "v1-rain.withdraw_day": ("rain.record", None),
    "pages.add_calendar": ("calendar.manage", None),
    "pages.calendar_year": ("calendar.manage", None),
    "pages.export_days": ("calendar.manage", None),
    "pages.preview_edit": ("calendar.manage", "company"),
    "pages.apply_edit": ("calendar.manage", "company"),
    "pages.supervise": ("report.read", None), "pages.act_on_late": ("report.read", None),
    "pages.undo_reassigning": ("report.read", None),
    "pages.export_late": ("report.export", None), "pages.monthly": ("report.read", None),
    "pages.export_monthly": ("report.read", None),
}  # fmt: skip


class Rehearsal(Database):
    """A database whose units leave nothing behind once it is on stage."""

    on_stage = False

    @contextmanager
    def begin(self):
        if not self.on_stage:
            with super().begin() as session:
                yield session
            return
        with suppress(_CurtainError), super().begin() as session:
            yield session
            session.flush()
            raise _CurtainError


class _CurtainError(Exception):
    """Ends a rehearsed unit."""


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """A house with one open case, one completed step and a person of each role in each project."""
    house = House(tmp_path_factory.mktemp("access"), Rehearsal)
    tokens.forget()
    case = house.case(at="2026-11-23T10:20+08:00")
    people = {}
    with house.time(), house.database.begin() as session:
        policies.seed(session)
        routines.seed(session)
        schedule = session.query(Schedule.key).filter_by(seed="rain").scalar()
        for role in roles.ROLES:
            for tenant in ("yj", "ch"):
                user = identity.create_user(
                    session, username=f"{role.key}.{tenant}", name=role.zh, password=PASSWORD
                )
                identity.add_membership(session, user.key, role.key, tenant)
                people[role.key, tenant] = user.key
    with house.database.read() as session:
        tasks = session.query(Task).filter_by(root_key=case).order_by(Task.key).all()
        instance = session.get_one(Instance, case)
        things = {
            "case": instance, "project": ("complaint", "yj"), "company": COMPANY, None: None,
            "task": next(t for t in tasks if t.state == "open"),
            "done": next(t for t in tasks if t.state == "completed"),
        }  # fmt: skip
        definition, form = instance.definition_key, things["task"].form_key
        session.expunge_all()
    values = {"definition": definition, "form": form, "person": people["cs_assistant", "yj"],
              "schedule": schedule}  # fmt: skip
    house.database.on_stage = True
    yield house, things, values
    house.close()


def request(rule, things, values):
    """Return path, method and body of a harmless but well-formed call of an endpoint."""
    task, case = things["task"], things["case"]
    subject = {
        "pages.correct": things["done"].key, "pages.correct_form": things["done"].key,
        "pages.disclose": case.key, "pages.report_form": case.key, "pages.report": case.key,
        **dict.fromkeys(("pages.owner_messages", "pages.send_owner_message", "pages.note_consent",
                         "pages.create_owner_link", "pages.send_owner_link",
                         "pages.revoke_owner_link"), case.key),
        **dict.fromkeys(("pages.sheet", "pages.number_sheet", "pages.sheet_pdf"), case.key),
        "pages.operations": case.key, "pages.operate": case.key, "pages.case": case.key, "pages.cancel_case": case.key,
        "pages.definition_xml": values["definition"], "pages.edit_definition": values["definition"],
        "pages.case_time": case.key, "pages.case_loads": case.key, "pages.pause_case": case.key, "pages.resume_case": case.key,
        "pages.migration": values["definition"], "pages.migrate": values["definition"],
        **dict.fromkeys(("pages.archive_room", "pages.edit_room", "pages.move_in",
                         "pages.add_vehicle", "pages.add_keys", "pages.add_meter",
                         "pages.disclose_room"), 1201),
        **dict.fromkeys(("pages.archive_person", "pages.edit_resident", "pages.note_traits",
                         "pages.note_privacy", "pages.enter_id_number"), 77),
        "pages.open_notice": 1, "pages.download": 1, "pages.resolve_incident": 1,
        "pages.person": values["person"], "pages.add_membership": values["person"],
        "pages.end_membership": values["person"], "pages.reset_password": values["person"],
        "pages.set_active": values["person"], "pages.leave": values["person"],
        "pages.show_id_numbers": case.key,
    }.get(rule.endpoint, task.key)  # fmt: skip
    path = {
        "request_key": 1, "key": subject, "task_key": task.key, "instance_key": case.key, "membership": 1,
        "definition_key": values["definition"], "form_key": values["form"], "variable_key": 1,
        "job_key": 1,
        "process_id": "complaint", "incident_key": 1, "verb": "suspend",
        "element_instance_key": case.key, "token": "x", "code": "zh", "tab": "timeline", "kind": "csv", "field": "x", "link": 1,
        "name": "urge", "sheet": "statutory", "rain_key": 1, "folder": "complaint",
        "schedule_key": values.get("schedule", 1), "channel_key": 1, "letter_key": 1,
        "message": "receipt", "language": "zh", "item_key": 1, "level": "2",
    }  # fmt: skip
    if rule.endpoint.endswith("message_template"):
        path["kind"] = "receipt"
    if rule.endpoint in {"pages.policy", "pages.preview_policy", "pages.change_policy"}:
        path |= {"kind": "limit", "code": "CP_JUDGE"}
    if rule.endpoint == "pages.lookup":
        path["kind"] = "person"
    body = {
        "variables": {}, "data": {}, "reason": "核对", "xml": "<x/>", "name": "a.bpmn",
        "assignee": "yj-cs_assistant", "processDefinitionId": "complaint", "tenantId": "yj",
        "filter": {"processInstanceKey": str(case.key)}, "signalName": "storm", "type": "ping",
        "timeout": 1000, "maxJobsToActivate": 1, "requestTimeout": -1, "tenantIds": ["yj"],
        "errorCode": "E", "changeset": {"retries": 2},
        "targetProcessDefinitionKey": str(values["definition"]),
    }  # fmt: skip
    return {name: str(path[name]) for name in rule.arguments}, body


#: no such job, nobody who waits; there is no incident to resolve, no such membership to end, nothing to undo;
#: a complaint prints no sheets
_NOTHING_THERE = {
    "pages.sheet", "pages.number_sheet", "pages.sheet_pdf", "pages.rows_page", "pages.rows_file",
    "pages.answer_daily", "v1-rounds.answer", "pages.withdraw_rain", "v1-rain.withdraw_day",
    "v1-time.decide", "pages.decide_time_request",
    "v2-incidents.get", "v2-incidents.resolve",
    "v2-jobs.complete", "v2-jobs.fail", "v2-jobs.throw", "v2-jobs.update",
    "v2-messages.correlate",
    "pages.channel", "pages.change_channel", "pages.test_channel", "pages.retry_letter",
    "pages.send_owner_link", "pages.revoke_owner_link",
    "pages.move_out", "pages.end_vehicle", "pages.return_keys", "pages.archive_import",
    "pages.archive_faults", "pages.apply_archive", "pages.undo_archive",
    "pages.new_channel", "pages.resolve_incident", "pages.end_membership", "pages.undo_reassigning",
    "pages.revoke_token", "pages.show_id_number",
    "v1-channels.change", "v1-channels.test", "v1-channels.retry",
}  # fmt: skip
_FORM = {
    "pages.operate", "pages.send_back", "pages.assign", "pages.start_now", "pages.cancel_case", "pages.urge", "pages.claim",
    "pages.unclaim", "pages.complete_plain", "pages.migrate",
}  # fmt: skip


def call(house, rule, things, values, username):
    given, body = request(rule, things, values)
    with house.app.test_request_context():
        from flask import url_for

        path = url_for(rule.endpoint, **given)
    method = next(iter(rule.methods - {"HEAD", "OPTIONS"}))
    client = house.app.test_client(use_cookies=False)
    more = {"auth": (username, PASSWORD)} if username else {}
    if rule.endpoint.startswith(("v1-", "v2-")) and rule.endpoint not in _STRICT:
        more["json"] = body
    elif rule.endpoint in _STRICT:
        more["json"] = _STRICT[rule.endpoint]
    elif rule.endpoint in _FORM:
        form = {"process": "complaint", "process_id": "complaint", "project": "yj",
                "tenant": "yj", "tenant_id": "yj", "start": "complaint@yj",
                "assignee": str(values["person"]), "reason": "核对"}  # fmt: skip
        more["data"] = form
    elif method in {"POST", "PUT"} and rule.endpoint.split(".")[1] in {
        "complete", "save_draft", "correct", "report",
    }:  # fmt: skip
        more["json"] = body
    if method == "GET" and rule.endpoint.startswith("v2-"):
        more.pop("json", None)
    answer = client.open(path, method=method, headers={"Accept": "application/json"}, **more)
    answer.get_data()
    return answer


#: our own commands refuse unknown keys
_STRICT = {
    "v1-rain.record_day": {"tenantId": "yj", "date": "2026-11-23", "level": "light"},
    "v1-models.check": {"xml": "<x/>"},
    "v1-models.deploy": {"xml": "<x/>", "name": "a.bpmn"},
    "v1-tasks.complete": {"variables": {}},
    "v1-operations.skip": {"elementId": "T1_record", "reason": "核对"},
    "v1-operations.fail": {"elementId": "T1_record", "errorCode": "x", "reason": "核对"},
    "v1-operations.restart": {"reason": "核对"},
    "v1-operations.send_back": {"elementId": "T1_record", "reason": "核对"},
    "v1-migrations.check": {"targetProcessDefinitionKey": "1"},
    "v1-migrations.move": {"targetProcessDefinitionKey": "1"},
    "v1-cases.report": {"variables": {"urged_by": "owner", "urge_text": "请尽快"}},
    "v1-tasks.urge": {"text": "请尽快"},
    "v1-time.pause": {"code": "", "text": "等"},
    "v1-time.decide": {"grant": True},
    "v1-time.extend": {"until": "2026-12-23T10:00:00+08:00", "text": "等"},
    **dict.fromkeys(
        (
            "v1-calendars.listed",
            "v1-calendars.days",
            "v1-calendars.log",
            "v1-schedules.listed",
            "v1-channels.listed",
            "v1-channels.letters",
            "v1-templates.listed",
            "v1-channels.test",
            "v1-channels.retry",
        )
    ),
    "v1-calendars.begin": {"kind": "service", "tenantId": "none"},
    "v1-calendars.preview": {"days": []},
    "v1-calendars.apply": {"days": []},
    "v1-calendars.preview_import": {"name": "days.csv", "text": "2027-01-01,放假"},
    "v1-calendars.import_file": {"name": "days.csv", "text": "2027-01-01,放假"},
    "v1-schedules.add": {
        "tenantId": "*",
        "name": "试",
        "every": "day",
        "time": "25:00",
        "does": "rain",
    },
    "v1-schedules.change": {"active": False},
    "v1-channels.add": {"kind": "webhook", "name": "试", "url": "https://x"},
    "v1-rounds.answer": {"reason": "等配件"},
    "v1-channels.change": {"name": "试"},
    "v1-channels.test_mail": {"address": "x"},
    "v1-templates.save": {"text": "{", "version": 0},
    "v1-templates.preview": {"text": "试"},
    "v1-policies.preview": {"changes": []},
    "v1-policies.change": {"changes": []},
}


def may(actor, asks, thing):
    """Ask for one right, for either of two, or for both."""
    for word, join in ((" or ", any), (" and ", all)):
        if word in asks:
            return join(ports.can(actor, one, thing) for one in asks.split(word))
    return ports.can(actor, asks, thing)


def rules(house):
    return [rule for rule in house.app.url_map.iter_rules() if rule.endpoint != "static"]


def test_every_endpoint_has_its_line(stage):
    house, *_ = stage

    assert {rule.endpoint for rule in rules(house)} == set(ASKS)


def test_nobody_comes_in_without_a_name(stage):
    house, things, values = stage

    open_ones = {
        rule.endpoint
        for rule in rules(house)
        if call(house, rule, things, values, None).status_code not in (401, 400)
    }

    assert open_ones - {e for e, asks in ASKS.items() if asks == ANYONE} == set()


@pytest.mark.parametrize("role", [role.key for role in roles.ROLES])
def test_a_role_reaches_what_can_says_and_nothing_else(role, stage):
    house, things, values = stage
    wrong = []

    for tenant in ("yj", "ch"):
        username = f"{role}.{tenant}"
        with house.time(), house.database.read() as session:
            actor = identity.actor(session, identity.resolve(session, username))
        for rule in rules(house):
            asks = ASKS[rule.endpoint]
            if asks == ANYONE:
                continue
            answer = call(house, rule, things, values, username)
            closed = answer.status_code in (403, 404)
            if asks == SELF:
                leaked = tenant == "ch" and things["case"].business_key in answer.text
                bad = answer.status_code in (401, 403, 500) or leaked
            else:
                action, about = asks
                bad = closed == may(actor, action, things[about]) or answer.status_code >= 500
                if rule.endpoint in _NOTHING_THERE:
                    bad = not closed
            if bad:
                wrong.append((tenant, rule.endpoint, answer.status_code))

    assert wrong == []
