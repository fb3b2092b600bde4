"""What group robots and web hooks want to be sent: their bodies and signatures.

Sources: 企业微信 developer.work.weixin.qq.com/document/path/91770, 钉钉 open.dingtalk.com (custom robot,
加签), 飞书 open.feishu.cn (custom bot, 签名校验), standard-webhooks.com for `webhook`.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote_plus

from engine.outward.posting import Answer

_JSON = {"Content-Type": "application/json; charset=utf-8"}
_OK = range(200, 300)


class NotAcceptedError(Exception):
    """The other side answered, but did not take it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One message to a robot or web hook."""

    #: the same at every attempt: receivers drop doubles by it
    id: str
    #: notice.overdue, message.receipt …
    type: str
    #: what people read
    text: str
    #: what machines read
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parcel:
    """A word, addressed, packed and signed."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def pack(kind: str, secret: Mapping[str, Any], word: Word, now: datetime) -> Parcel:
    """Return what is posted for a kind of channel with its address and secret."""
    return _PACKERS[kind](secret, word, now)


def accept(kind: str, answer: Answer) -> None:
    """Raise NotAcceptedError unless the other side took it: robots answer 200 to refusals, too."""
    if answer.status not in _OK:
        raise NotAcceptedError(f"HTTP {answer.status}")
    if kind == "webhook":
        return
    try:
        said = json.loads(answer.body)
    except ValueError:
        raise NotAcceptedError("no JSON") from None
    code = said.get("errcode", said.get("code", said.get("StatusCode")))
    if code != 0:
        reason = said.get("errmsg") or said.get("msg") or ""
        raise NotAcceptedError(f"{code} {reason}"[:200])


def _wecom(secret: Mapping[str, Any], word: Word, _now: datetime) -> Parcel:
    """企业微信: the key is in the address; there is no signature."""
    return Parcel(secret["url"], _json({"msgtype": "text", "text": {"content": word.text}}), _JSON)


def _dingtalk(secret: Mapping[str, Any], word: Word, now: datetime) -> Parcel:
    """钉钉: milliseconds and base64(HMAC-SHA256(secret, stamp LF secret)) in the address."""
    url = secret["url"]
    if key := secret.get("secret"):
        stamp = str(int(now.timestamp() * 1000))
        sign = _base64(hmac.digest(key.encode(), f"{stamp}\n{key}".encode(), hashlib.sha256))
        url += f"&timestamp={stamp}&sign={quote_plus(sign)}"
    return Parcel(url, _json({"msgtype": "text", "text": {"content": word.text}}), _JSON)


def _feishu(secret: Mapping[str, Any], word: Word, now: datetime) -> Parcel:
    """飞书: seconds and base64(HMAC-SHA256(stamp LF secret, nothing)) in the body."""
    body: dict[str, Any] = {"msg_type": "text", "content": {"text": word.text}}
    if key := secret.get("secret"):
        stamp = str(int(now.timestamp()))
        sign = _base64(hmac.digest(f"{stamp}\n{key}".encode(), b"", hashlib.sha256))
        body = {"timestamp": stamp, "sign": sign, **body}
    return Parcel(secret["url"], _json(body), _JSON)


def _webhook(secret: Mapping[str, Any], word: Word, now: datetime) -> Parcel:
    """Standard Webhooks: id, timestamp and `v1,` base64(HMAC-SHA256(key, "id.timestamp.body"))."""
    body = _json({"type": word.type, "timestamp": now.isoformat(), "data": dict(word.data),
                  "text": word.text})  # fmt: skip
    stamp = str(int(now.timestamp()))
    signed = f"{word.id}.{stamp}.".encode() + body
    sign = _base64(hmac.digest(key_of(secret["secret"]), signed, hashlib.sha256))
    headers = {"webhook-id": word.id, "webhook-timestamp": stamp, "webhook-signature": f"v1,{sign}"}
    return Parcel(secret["url"], body, _JSON | headers)


def key_of(secret: str) -> bytes:
    """Return the bytes of a web hook's secret: base64 behind `whsec_`, else the text itself."""
    if secret.startswith("whsec_"):
        return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    return secret.encode()


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


_PACKERS: dict[str, Callable[[Mapping[str, Any], Word, datetime], Parcel]] = {
    "wecom": _wecom,
    "dingtalk": _dingtalk,
    "feishu": _feishu,
    "webhook": _webhook,
}
