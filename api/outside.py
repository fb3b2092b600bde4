"""Tells the engine how the world looks from this installation: mail server, addresses, keys."""

from urllib.parse import urlsplit

from api import keys, texts
from api.settings import Settings
from engine import encryption, idempotency, mail
from engine.errors import N_, InvalidInputError
from engine.outward import weather, world
from engine.ports import ports

#: the group that hears of letters that could not be sent
_KEEPERS = "admin"


def init(settings: Settings) -> None:
    """Let mails, channels and links go by the settings; a setting that can't be is refused."""
    world.use(
        world.World(
            public_url=_public(settings),
            company=settings.company,
            hotline=settings.hotline,
            allowed=frozenset(
                part.strip() for part in settings.outbound_allow.split(",") if part.strip()
            ),
            keys=_keys(settings),
            keepers=_KEEPERS,
        )
    )
    mail.use(mail_server(settings))
    weather.use(weather_service(settings))
    encryption.use(keys.numbers(settings.folder, settings.number_key))
    idempotency.use(keys.secret(settings.folder, "session", settings.secret_key))
    ports.translate = texts.translate


def mail_server(settings: Settings) -> mail.Server | None:
    """Return the mail server of the settings; None when none is set."""
    if not settings.mail_host:
        return None
    if settings.mail_tls not in mail.TLS_MODES:
        raise InvalidInputError(N_("WUYEFLOW_MAIL_TLS 只能是 starttls、tls 或 none。"))
    if "@" not in settings.mail_from:
        raise InvalidInputError(N_("设置了邮件服务器，还要用 WUYEFLOW_MAIL_FROM 设置发件地址。"))
    return mail.Server(
        host=settings.mail_host, port=settings.mail_port, tls=settings.mail_tls,
        username=settings.mail_user, password=settings.mail_password, sender=settings.mail_from,
        sender_name=settings.company,
    )  # fmt: skip


def weather_service(settings: Settings) -> weather.WeatherService | None:
    """Return the weather source of the settings; None when none is set."""
    if not settings.weather_url:
        return None
    return weather.WeatherService(settings.weather_url, settings.weather_secret)


def _keys(settings: Settings) -> tuple[str, ...]:
    """Return the keys that seal and sign: several in the setting are parted by commas."""
    given = keys.secret(settings.folder, "channels", settings.channel_key)
    return tuple(part.strip() for part in given.split(",") if part.strip())


def _public(settings: Settings) -> str:
    """Return where people reach us; a demonstration runs where it is looked at."""
    url = settings.public_url
    if not url and settings.demo:
        url = f"http://{settings.host}:{settings.port}"
    if url and urlsplit(url).scheme not in {"http", "https"}:
        raise InvalidInputError(N_("WUYEFLOW_PUBLIC_URL 要写成 https://主机。"))
    return url.rstrip("/")
