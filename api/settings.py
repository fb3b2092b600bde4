"""What an installation may set from outside, read once at start (docs/reference/settings.md)."""

from dataclasses import dataclass
from pathlib import Path

from environs import Env


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings of one installation; each field says its environment variable's default."""

    #: SQLAlchemy URL; default: an embedded SQLite file in `folder`
    database_url: str
    #: where the embedded database, keys and uploaded files lie
    folder: Path = Path("var")
    #: the company's name as people read it on the sign-in page
    company: str = "物业服务中心"
    #: the zone of people without a project of their own
    zone: str = "Asia/Shanghai"
    host: str = "127.0.0.1"
    port: int = 8000
    #: threads that answer requests
    threads: int = 16
    #: true behind HTTPS: cookies are marked Secure and HSTS is sent
    https: bool = False
    #: how many proxies in front may be believed about the client's address
    proxies: int = 0
    #: signs what a browser keeps before sign-in; empty: a 0600 file made at first start
    secret_key: str = ""
    #: what the key that signs history is made of; empty: a 0600 file made at first start
    history_key: str = ""
    #: hours without a click after which a sign-in ends; days it may last when "keep" was ticked
    idle_hours: int = 12
    keep_days: int = 7
    #: seconds between two looks for news of an open page
    poll_seconds: int = 10
    #: the largest upload, in megabytes
    upload_megabytes: int = 20
    #: where people reach us (https://…), for links in mails and messages; empty: no links
    public_url: str = ""
    #: the telephone number that owners may call, for messages to them
    hotline: str = ""
    #: hosts (or host:port), parted by commas, that web hooks may reach though private or without TLS
    outbound_allow: str = ""
    #: encrypts the secrets of channels and signs rating links; several for rotation, newest first
    channel_key: str = ""
    #: encrypts ID numbers; several parted by commas for rotation, newest first; empty: a 0600 file
    number_key: str = ""
    #: the server that takes our mails; empty: no mails
    mail_host: str = ""
    mail_port: int = 587
    #: starttls, tls (port 465) or none
    mail_tls: str = "starttls"
    mail_user: str = ""
    mail_password: str = ""
    #: the address that mails come from
    mail_from: str = ""
    #: asked each day by a signed web hook how it rained in a project; empty: nobody is asked
    weather_url: str = ""
    #: signs the question; needed as soon as there is an address
    weather_secret: str = ""
    #: let /metrics be read from other machines with this bearer token; empty: this machine only
    metrics_token: str = ""
    #: run the clockwork in this process
    scheduler: bool = True
    #: how much the log says: DEBUG, INFO, WARNING or ERROR
    log_level: str = "INFO"
    #: show the demo accounts on the sign-in page
    demo: bool = False

    @property
    def embedded(self) -> bool:
        """Tell whether the database is an SQLite file."""
        return self.database_url.startswith("sqlite:///")

    @property
    def database_file(self) -> Path:
        """The file of an embedded database."""
        return Path(self.database_url.removeprefix("sqlite:///"))

    @property
    def files(self) -> Path:
        """The folder of uploaded files, by content (decision 18)."""
        return self.folder / "files"

    @property
    def seals(self) -> Path:
        """The folder where each seal over history is written down."""
        return self.folder / "seals"


def load() -> Settings:
    """Read the settings from the environment (`WUYEFLOW_…`) and from a file `.env` beside us."""
    env = Env(prefix="WUYEFLOW_")
    env.read_env(".env", recurse=False)
    folder = env.path("FOLDER", Path("var"))
    return Settings(
        folder=folder,
        database_url=env.str("DATABASE_URL", "") or f"sqlite:///{_embedded(folder)}",
        company=env.str("COMPANY", Settings.company),
        zone=env.str("ZONE", Settings.zone),
        host=env.str("HOST", Settings.host),
        port=env.int("PORT", Settings.port),
        threads=env.int("THREADS", Settings.threads),
        https=env.bool("HTTPS", Settings.https),
        proxies=env.int("PROXIES", Settings.proxies),
        secret_key=env.str("SECRET_KEY", ""),
        history_key=env.str("HISTORY_KEY", ""),
        idle_hours=env.int("IDLE_HOURS", Settings.idle_hours),
        keep_days=env.int("KEEP_DAYS", Settings.keep_days),
        poll_seconds=env.int("POLL_SECONDS", Settings.poll_seconds),
        upload_megabytes=env.int("UPLOAD_MEGABYTES", Settings.upload_megabytes),
        public_url=env.str("PUBLIC_URL", ""),
        hotline=env.str("HOTLINE", ""),
        outbound_allow=env.str("OUTBOUND_ALLOW", ""),
        channel_key=env.str("CHANNEL_KEY", ""),
        number_key=env.str("NUMBER_KEY", ""),
        mail_host=env.str("MAIL_HOST", ""),
        mail_port=env.int("MAIL_PORT", Settings.mail_port),
        mail_tls=env.str("MAIL_TLS", Settings.mail_tls),
        mail_user=env.str("MAIL_USER", ""),
        mail_password=env.str("MAIL_PASSWORD", ""),
        mail_from=env.str("MAIL_FROM", ""),
        weather_url=env.str("WEATHER_URL", ""),
        weather_secret=env.str("WEATHER_SECRET", ""),
        metrics_token=env.str("METRICS_TOKEN", ""),
        scheduler=env.bool("SCHEDULER", Settings.scheduler),
        log_level=env.str("LOG_LEVEL", Settings.log_level),
        demo=env.bool("DEMO", Settings.demo),
    )


def _embedded(folder: Path) -> Path:
    """Return the embedded database's file, in a folder that is there."""
    folder.mkdir(parents=True, exist_ok=True)
    return folder / "wuyeflow.db"
