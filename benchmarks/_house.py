"""A house with every shipped process in force, for loads of the business."""

import processes
from api import tokens
from api.database import migrate
from engine import calendars, identity
from engine.db import Database
from engine.models import Tenant
from tests.processes.conftest import archive

#: what the person who looks at pages may do
_ROLES = ("cs_assistant", "cs_manager", "project_manager", "cashier")


def furnish(database: Database) -> str:
    """Put two projects, a room each and one busy person in; return this person's token."""
    migrate(database)
    processes.register()
    identity.use_password_cost(time_cost=1, memory_kib=64)
    with database.begin() as session:
        calendars.seed(session)
        for tenant_id, name in (("yj", "云景花园"), ("ch", "翠湖雅居")):
            session.add(Tenant(tenant_id=tenant_id, name=name, zone="Asia/Shanghai"))
        session.flush()
        archive(session)
        processes.deploy_all(session)
        user = identity.create_user(session, username="bench", name="试跑", password="0123456789")
        for group in _ROLES:
            identity.add_membership(session, user.key, group, "yj")
        _, secret = tokens.issue(session, user, name="bench")
    return secret
