"""The command `wuyeflow`: serve, set up, deploy, check and draw from a terminal."""

import sys
from pathlib import Path

import click

from api import settings as settings_of
from engine.errors import EngineError, Problem


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """物业流 WuyeFlow：住宅物业客户服务系统。"""


@cli.command()
@click.option("--demo", is_flag=True, help="先放入演示数据（已有数据时不改动）")
def serve(*, demo: bool) -> None:
    """迁移数据库并启动服务。"""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    settings = settings_of.load()
    _prepare(settings, demo=demo)
    _say(f"打开 http://{settings.host}:{settings.port} ，按 Ctrl+C 停止")
    Granian(
        "api.server:create",
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=1,
        blocking_threads=settings.threads,
        log_access=False,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
    ).serve()


def _prepare(settings: settings_of.Settings, *, demo: bool) -> None:
    """Prepare the installation, unless this version of everything is in place already."""
    from api import prepared

    said = prepared.lines(settings, demo=demo)
    if said is not None:
        for line in said:
            _say(line)
        return
    import api.setup

    told = api.setup.prepare(settings, demo=demo, say=_say)
    prepared.note(settings, told, demo=demo)


@cli.command()
def init() -> None:
    """建立空的系统（没有演示数据），并设置第一位管理员。"""
    import api.setup

    settings = settings_of.load()
    api.setup.prepare(settings, demo=False, say=_say)
    if api.setup.has_people(settings):
        _say("已经有用户，没有改动。运行 wuyeflow serve 启动服务。")
        return
    project = click.prompt("第一个项目（小区）的名称")
    code = click.prompt("项目代号（小写字母，写进案件编号）", default="p1")
    username = click.prompt("管理员的用户名", default="admin")
    name = click.prompt("管理员的姓名")
    password = click.prompt(
        "管理员的密码（至少 10 个字符）", hide_input=True, confirmation_prompt="再输一次"
    )
    api.setup.first_people(
        settings, project=(code, project), username=username, name=name, password=password
    )
    _say("已建立。运行 wuyeflow serve 启动服务。")


@cli.command()
def migrate() -> None:
    """把数据库升级到最新版本。"""
    import api.setup

    api.setup.prepare(settings_of.load(), demo=False, say=_say)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--foreign", is_flag=True, help="都当作外来的图：只是本公司没有的，算提醒")
@click.option("--quiet", is_flag=True, help="只列错误，不列提醒")
def lint(files: tuple[Path, ...], *, foreign: bool, quiet: bool) -> None:
    """检查流程图（文件或整个文件夹），逐条说出元素、行号和规则。"""
    from api import linting

    paths = linting.files(files)
    refused = others = warnings = 0
    show = linting.show_progress(len(paths))
    for one in linting.run(paths, as_foreign=foreign, progress=show):
        refused += one.errors > 0
        others += one.foreign
        warnings += len(one.problems) - one.errors
        for problem in one.problems:
            if problem.severity == "error" or not quiet:
                click.echo(_line(one.path, problem))
    if len(paths) != 1:
        _say(f"{len(paths)} 份（外来 {others} 份）：接受 {len(paths) - refused} 份，"
             f"拒绝 {refused} 份；提醒 {warnings} 处。")  # fmt: skip
    elif not refused:
        _say("没有错误。")
    if refused:
        sys.exit(1)


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
def import_(file: Path, target: Path) -> None:
    """把其他引擎的流程图改成本系统的写法，并说出没有带过来的。"""
    from engine import importing

    done = importing.read(file.read_bytes())
    target.write_bytes(done.xml)
    for note in done.notes:
        click.echo(f"{note.element or '-'}\t{note.zh}")
    _say(f"{target} 已写好，请再用 wuyeflow lint 检查。")


@cli.command()
@click.argument("file", type=click.Path(exists=True, path_type=Path))
@click.option("--keep", is_flag=True, help="保留已有的位置，只补上缺少的")
def layout(file: Path, *, keep: bool) -> None:
    """按规则重新排版一张流程图。"""
    from engine import layout as drawing

    file.write_bytes(drawing.draw(file.read_bytes(), keep=keep))
    _say(f"{file} 已排好。")


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
def deploy(files: tuple[Path, ...]) -> None:
    """一起发布若干流程图、表单和决策表。"""
    import api.setup

    deployed = api.setup.deploy(settings_of.load(), files)
    for kind, key, version in deployed:
        click.echo(f"{kind}\t{key}\tv{version}")


@cli.command()
@click.argument("username")
@click.argument("name", required=False)
@click.option("--days", type=int, default=None, help="多少天后失效；不写则一直有效")
@click.option("--revoke", is_flag=True, help="收回这个用途的令牌")
def token(username: str, name: str | None, days: int | None, *, revoke: bool) -> None:
    """签发接口令牌（只显示这一次）；不写用途就列出已有的。"""
    from api import upkeep

    settings = settings_of.load()
    if name is None:
        for one in upkeep.tokens_of(settings, username):
            days_of = [f"{moment:%Y-%m-%d}" if moment else "-"
                       for moment in (one.created_at, one.used_at, one.expires_at)]  # fmt: skip
            click.echo("\t".join([one.name, *days_of]))
    elif revoke:
        _say(f"已收回 {upkeep.revoke_tokens(settings, username, name)} 个")
    else:
        click.echo(upkeep.issue_token(settings, username, name=name, days=days))


@cli.command()
@click.argument("code")
@click.argument("name")
@click.option("--zone", default=None, help="项目所在的时区，例如 Asia/Urumqi")
def project(code: str, name: str, zone: str | None) -> None:
    """增加一个项目（小区），或更改它的名称和时区。"""
    from api import upkeep

    upkeep.add_project(settings_of.load(), code, name, zone)
    _say(f"项目 {code} {name}")


@cli.command()
@click.option("--seals", type=click.Path(exists=True, path_type=Path), default=None,
              help="另存的签封副本：一个文件，或装着它们的文件夹")  # fmt: skip
def verify(seals: Path | None) -> None:
    """校验全部历史：每个案件的散列链、每一份签封；说出第一件对不上的事。"""
    from api import upkeep
    from engine import verification

    report = upkeep.verify(settings_of.load(), seals)
    for fault in report.faults:
        case = fault.business_key or fault.instance_key or "-"
        said = verification.FAULTS[fault.kind].format(seq=fault.seq, seal=fault.seal)
        click.echo(f"{case}\t{fault.seq or '-'}\t{fault.element or '-'}\t{fault.kind}\t{said}")
    _say(f"案件 {report.cases}，事件 {report.events}，签封 {report.seals}，"
         f"对不上 {len(report.faults)} 处")  # fmt: skip
    if report.faults:
        sys.exit(1)


@cli.command(name="rotate-keys")
@click.option("--forget", is_flag=True, help="丢掉旧密钥：以前的备份里的证件号码就打不开了")
def rotate_keys(*, forget: bool) -> None:
    """换一把加密证件号码的密钥，全部重新加密；服务不用停。"""
    from api import upkeep

    done, dropped = upkeep.rotate_keys(settings_of.load(), forget=forget)
    _say(f"重新加密 {done} 处，丢掉旧密钥 {dropped} 把")


@cli.command(name="mail-test")
@click.argument("address")
def mail_test(address: str) -> None:
    """发一封测试邮件，说出邮件服务器怎么回答。"""
    from api import outside
    from engine import mail

    outside.init(settings_of.load())
    mail.test(address)
    _say(f"测试邮件已交给邮件服务器，请到 {address} 查收。")


def main() -> None:
    """Run a command; a refusal is said in words and ends with status 2."""
    try:
        cli()
    except EngineError as error:
        click.secho(str(error), fg="red", err=True)
        for problem in getattr(error, "problems", ()):
            click.echo(_line(Path(problem.resource or ""), problem), err=True)
        sys.exit(2)


def _line(path: Path, problem: Problem) -> str:
    place = ":".join(str(part) for part in (path, problem.line) if part not in (None, Path()))
    return f"{place}\t{problem.severity}\t{problem.element or '-'}\t{problem.rule}\t{problem.zh}"


def _say(text: str) -> None:
    click.secho("==> ", bold=True, nl=False)
    click.echo(text)
