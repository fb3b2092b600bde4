"""Group robots and web hooks that administrators set up; gateways for messages to owners."""

import base64
import secrets as random
from collections.abc import Iterable, Mapping
from http.client import HTTPException
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from engine import clock, ids, outbox
from engine.errors import N_, ConflictError, InvalidInputError, NotFoundError
from engine.models import Channel, Tenant
from engine.outward import kinds, posting, robots, world
from engine.ports import COMPANY

#: the kind of letters to robots and web hooks
KIND = "channel"
#: kind -> its name
ROBOTS = {
    "wecom": N_("企业微信群机器人"),
    "dingtalk": N_("钉钉群机器人"),
    "feishu": N_("飞书群机器人"),
    "webhook": N_("网络钩子"),
}
#: to owners, by way of the company's own gateway
GATEWAYS = {"sms": N_("短信网关"), "wechat": N_("公众号网关")}
KINDS = ROBOTS | GATEWAYS
#: kinds that can't do without a secret
SIGNED = frozenset({"webhook", *GATEWAYS})
#: what people fill in, beside address and secret
_EDITED = ("name", "tenant_id", "active")
_MASKED_TAIL = 4


def create(  # noqa: PLR0913 — what an administrator fills in
    session: Session,
    *,
    kind: str,
    name: str,
    url: str,
    secret: str = "",
    tenant_id: str = COMPANY,
    wanted: Iterable[str] = kinds.LOUD,
) -> Channel:
    """Set a channel up; a web hook or gateway without a secret is given one."""
    if kind not in KINDS:
        raise InvalidInputError(N_("没有这种通道。"), fields={"kind": [N_("请选择。")]})
    parts = posting.check(url)
    row = Channel(
        key=ids.new(), tenant_id=_tenant(session, tenant_id), kind=kind, name=_name(name),
        sealed=world.seal({"url": url.strip(), "secret": _secret(kind, secret)}),
        shown=f"{parts.hostname}…{url.strip()[-_MASKED_TAIL:]}", kinds=_kinds(wanted), active=True,
        created_at=clock.now(), error=None,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def change(  # noqa: PLR0913 — what an administrator fills in
    session: Session,
    key: int,
    *,
    name: str,
    tenant_id: str,
    wanted: Iterable[str],
    active: bool,
    url: str = "",
    secret: str = "",
) -> Channel:
    """Change a channel; an empty address or secret leaves the one that is kept."""
    row = get(session, key)
    held = world.unseal(row.sealed)
    if url.strip():
        row.shown = f"{posting.check(url).hostname}…{url.strip()[-_MASKED_TAIL:]}"
        held["url"] = url.strip()
    if secret.strip():
        held["secret"] = _secret(row.kind, secret)
    row.name, row.tenant_id, row.active = _name(name), _tenant(session, tenant_id), active
    row.kinds, row.sealed = _kinds(wanted), world.seal(held)
    session.flush()
    return row


def amend(session: Session, key: int, values: Mapping[str, Any]) -> Channel:
    """Change some of a channel and leave the rest as it is."""
    row = get(session, key)
    kept = {name: getattr(row, name) for name in _EDITED}
    return change(session, key, **{**kept, "wanted": row.kinds, **values})


def get(session: Session, key: int) -> Channel:
    """Return a channel."""
    row = session.get(Channel, key)
    if row is None:
        raise NotFoundError(N_("没有这个通道"))
    return row


def every(session: Session) -> list[Channel]:
    """Return all channels, also those switched off."""
    return list(session.scalars(select(Channel).order_by(Channel.kind, Channel.key)))


def of(session: Session, tenant_ids: Iterable[str], among: Iterable[str] = ROBOTS) -> list[Channel]:
    """Return the working channels that concern some projects."""
    query = select(Channel).where(Channel.active, Channel.kind.in_(tuple(among)))
    scopes = set(tenant_ids)
    if COMPANY not in scopes:
        query = query.where(
            or_(Channel.tenant_id.in_(sorted(scopes)), Channel.tenant_id == COMPANY)
        )
    return list(session.scalars(query.order_by(Channel.key)))


def put(session: Session, channel: Channel, dedupe_key: str, word: Mapping[str, Any], **more: Any) -> bool:  # fmt: skip
    """Put a word for a channel in the outbox: `type`, `text` and `data`."""
    payload = {"channel": channel.key, **word}
    return outbox.put(session, KIND, dedupe_key, payload, **more)


def reveal(row: Channel) -> str:
    """Return a channel's secret: shown once, to the administrator who has just set it up."""
    return str(world.unseal(row.sealed).get("secret") or "")


def test(kind: str, sealed: str) -> None:
    """Send a test word at once; raises ConflictError that says what came back."""
    word = robots.Word(id=f"msg_test_{ids.new()}", type="test", data={},
                       text="物业流测试消息：收到它，说明这个通道可以使用。")  # fmt: skip
    try:
        _post("webhook" if kind in GATEWAYS else kind, sealed, word)
    except (OSError, HTTPException, robots.NotAcceptedError, outbox.RefusedError,
            ValueError) as error:  # fmt: skip
        said = f"{type(error).__name__}: {error}"[:300]
        raise ConflictError(N_("测试消息没有送到：{reason}"), reason=said) from error


def _prepare(session: Session, letter: outbox.Letter) -> Mapping[str, Any]:
    """Look the channel's address up as it is now: a mended one takes what waited."""
    row = session.get(Channel, letter.payload["channel"])
    if row is None or not row.active:
        raise outbox.RefusedError("the channel was switched off")
    return {"kind": row.kind, "sealed": row.sealed}


@outbox.sender(KIND)
def send(letter: outbox.Letter) -> None:
    """Send one letter; its id is the same at each attempt."""
    given = letter.payload
    word = robots.Word(
        id=word_id(letter), type=given["type"], text=given["text"], data=given["data"]
    )
    _post(given["kind"], given["sealed"], word)


def word_id(letter: outbox.Letter) -> str:
    """Return what receivers know a letter by."""
    return f"msg_{letter.key}"


def _told(session: Session, letter: outbox.Letter, error: str | None) -> None:
    """Keep what went wrong last where the administrator sees it."""
    key = letter.payload.get("channel")
    session.execute(update(Channel).where(Channel.key == key).values(error=error))


outbox.preparers[KIND] = _prepare
outbox.outcomes[KIND] = _told


def _post(kind: str, sealed: str, word: robots.Word) -> None:
    parcel = robots.pack(kind, world.unseal(sealed), word, clock.now())
    robots.accept(kind, posting.post(parcel.url, parcel.body, parcel.headers))


def _secret(kind: str, given: str) -> str:
    given = given.strip()
    if kind not in SIGNED:
        return given
    if not given:
        return f"whsec_{_random_key()}"
    try:
        robots.key_of(given)
    except ValueError:
        raise InvalidInputError(
            N_("签名密钥不对：whsec_ 后面应当是 base64。"), fields={"secret": [N_("请检查密钥。")]}
        ) from None
    return given


def _random_key() -> str:
    """Return 24 random bytes in base64, as standard-webhooks.com proposes."""
    return base64.b64encode(random.token_bytes(24)).decode()


def _name(text: str) -> str:
    if not text.strip():
        raise InvalidInputError(N_("请给通道起个名字。"), fields={"name": [N_("必填")]})
    return text.strip()[:100]


def _tenant(session: Session, tenant_id: str) -> str:
    if tenant_id != COMPANY and session.get(Tenant, tenant_id) is None:
        raise InvalidInputError(
            N_("没有项目 {tenant}"), fields={"tenant_id": [N_("没有这个项目")]}, tenant=tenant_id
        )
    return tenant_id


def _kinds(wanted: Iterable[str]) -> list[str]:
    asked = set(wanted)
    return [kind.key for kind in kinds.KINDS if kind.key in asked]
