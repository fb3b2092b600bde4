"""Weather sources are asked by letter: the schedule puts the question, no lock waits for the answer.

A source that fails is asked again as any letter is sent again. What it says becomes the record that
the people on duty would have made, and no more: what a person took back stays taken back.
"""

import json
import logging
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from engine import clock, ids, outbox, rain
from engine.errors import N_, EngineError, InvalidInputError
from engine.outward import posting, robots
from engine.rain import Weather
from engine.schedules import Turn

log = logging.getLogger(__name__)

#: the kind of letters that ask
KIND = "weather"
#: what a source answers when it did not rain
NONE = "none"
#: the name under which the service of the settings stands in records
SERVICE = "weather"
_NO_CONTENT = 204
_LONGEST_NOTE = 100


class WeatherService:
    """A weather source behind an address: asked by a signed web hook, answers in JSON."""

    def __init__(self, url: str, secret: str) -> None:
        posting.check(url)
        if not secret.strip():
            raise InvalidInputError(
                N_("设置了天气来源，还要用 WUYEFLOW_WEATHER_SECRET 设置签名密钥。")
            )
        self._held = {"url": url.strip(), "secret": secret.strip()}
        _readable(self._held["secret"])

    def __call__(self, tenant_id: str, on: date) -> Weather | None:
        """Ask about a day of a project; raises when there is no answer to rely on."""
        word = robots.Word(
            id=f"msg_{ids.new()}", type="weather.asked", text=f"{tenant_id} {on.isoformat()}",
            data={"project": tenant_id, "date": on.isoformat()},
        )  # fmt: skip
        parcel = robots.pack("webhook", self._held, word, clock.now())
        answer = posting.post(parcel.url, parcel.body, parcel.headers)
        robots.accept("webhook", answer)
        return None if answer.status == _NO_CONTENT else read(answer.body, on)


def read(body: bytes, on: date) -> Weather | None:
    """Read {"date", "level", "note"?}; raises NotAcceptedError for what says nothing certain."""
    try:
        said = json.loads(body)
    except ValueError:
        raise robots.NotAcceptedError("no JSON") from None
    if not isinstance(said, dict) or said.get("date") != on.isoformat():
        raise robots.NotAcceptedError(f"not about {on.isoformat()}")
    level, note = said.get("level"), said.get("note")
    if level == NONE:
        return None
    if not isinstance(level, str) or level not in rain.LEVELS:
        raise robots.NotAcceptedError(f"no level: {str(level)[:40]}")
    return Weather(level=level, note=str(note)[:_LONGEST_NOTE] if note else None)


def use(service: WeatherService | None) -> None:
    """Ask the service of the settings from now on, or none."""
    rain.sources.pop(SERVICE, None)
    if service is not None:
        rain.sources[SERVICE] = service


def ask(session: Session, turn: Turn) -> bool:
    """Put the question about a turn's day in the outbox; tell whether there is anybody to ask."""
    if not rain.sources:
        return False
    return outbox.put(
        session, KIND, f"weather:{turn.tenant_id}:{turn.at.isoformat()}",
        {"date": turn.on.isoformat()}, tenant_id=turn.tenant_id,
    )  # fmt: skip


@outbox.sender(KIND)
def send(letter: outbox.Letter) -> None:
    """Ask one source after the other; what the first one knows is learned."""
    on = date.fromisoformat(letter.payload["date"])
    for name, source in rain.sources.items():
        found = source(letter.tenant_id, on)
        if found is not None:
            letter.learned.update(source=name, level=found.level, note=found.note)
            return


def _prepare(session: Session, letter: outbox.Letter) -> Mapping[str, Any]:
    """Ask no more about a day that can't be recorded any more."""
    try:
        rain.check_day(session, letter.tenant_id, date.fromisoformat(letter.payload["date"]))
    except EngineError as error:
        raise outbox.RefusedError(str(error)) from error
    return {}


def _heard(session: Session, letter: outbox.Letter, error: str | None) -> None:
    """Record what was learned, in the unit that marks the letter."""
    if error is not None or not letter.learned:
        return
    said = letter.learned
    weather = Weather(level=said["level"], note=said["note"])
    try:
        rain.hear(session, letter.tenant_id, date.fromisoformat(letter.payload["date"]), weather,
                  source=said["source"])  # fmt: skip
    except EngineError as refused:  # what a source says wrongly must not be asked for ever
        log.warning("%s told no rainy day: %s", said["source"], refused)


def _readable(secret: str) -> None:
    try:
        robots.key_of(secret)
    except ValueError:
        raise InvalidInputError(N_("签名密钥不对：whsec_ 后面应当是 base64。")) from None


outbox.preparers[KIND] = _prepare
outbox.outcomes[KIND] = _heard
