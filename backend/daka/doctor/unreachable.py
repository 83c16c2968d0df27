"""Why a database cannot be opened, in words. Pure, but for what the exception says."""

import os
import socket
from collections.abc import Iterator

from daka.database import DatabaseState, database_state
from daka.doctor.diagnoses import FREE_UP, Diagnosis, Pair, error
from daka.errors import DakaError
from daka.settings import Settings

SQLITE_REMEDY: Pair = (
    "check DATABASE_URL, the space on the disk and the rights on the file; a damaged file is replaced by daka restore --replace",
    "检查 DATABASE_URL、磁盘空间和文件权限；文件确实损坏时，用 daka restore --replace 恢复备份",
)
READ_ONLY_REMEDY: Pair = (
    "let the user that the server runs as write to the file and its folder; is the disk mounted read-only?",
    "让运行服务的用户能写这个文件和所在文件夹；也看看磁盘是不是以只读方式挂载的",
)
POSTGRES_REMEDY: Pair = (
    "check DATABASE_URL, and that the database server is running",
    "检查 DATABASE_URL，以及数据库服务是否在运行",
)
POSTGRES_WORDS: dict[str, Pair] = {
    "28P01": ("the database server refuses the user name or the password", "数据库不接受这个用户名或密码"),
    "28000": ("the database server refuses this user", "数据库拒绝这个用户"),
    "3D000": ("there is no such database on the server", "服务器上没有这个数据库"),
    "53300": ("the database server has no connection left", "数据库的连接数用完了"),
    "57P03": ("the database server is starting up", "数据库正在启动"),
}
"""By SQLSTATE."""


def unreachable(settings: Settings, problem: BaseException) -> Diagnosis:
    """What is wrong, without the password that DATABASE_URL may hold."""
    where = str(file.absolute()) if (file := settings.database_file) is not None else settings.database_server
    match database_state(problem):
        case DatabaseState.FULL:
            return error("database", (f"the disk of {where} is full", f"{where} 所在的磁盘满了"), FREE_UP)
        case DatabaseState.READ_ONLY:
            return error("database", (f"{where} cannot be written to", f"{where} 不能写入"), READ_ONLY_REMEDY)
    if settings.database_file is not None:
        detail = str(problem.strerror if isinstance(problem, OSError) else problem.__cause__ or problem)
        message = f"{where} cannot be opened ({detail})", f"{where} 打不开（{detail}）"
        return error("database", message, SQLITE_REMEDY)
    return error("database", _postgres_words(settings, problem), POSTGRES_REMEDY)


def _postgres_words(settings: Settings, problem: BaseException) -> Pair:
    where = settings.database_server
    for each in _chain(problem):
        if words := POSTGRES_WORDS.get(str(getattr(each, "sqlstate", ""))):
            return words
        if isinstance(each, socket.gaierror):
            return f"the name of {where} is not known", f"解析不了 {where} 的域名"
        if isinstance(each, ConnectionRefusedError):
            return f"nothing listens at {where}", f"{where} 没有程序在监听"
        if isinstance(each, TimeoutError):
            return f"{where} does not answer in time", f"{where} 超时没有回应"
        if isinstance(each, OSError) and each.errno:
            why = os.strerror(each.errno)
            return f"{where} cannot be reached ({why})", f"连不上 {where}（{why}）"
    why = str(problem) if isinstance(problem, DakaError) else type(problem).__name__
    return f"{where} cannot be reached ({why})", f"连不上 {where}（{why}）"


def _chain(problem: BaseException) -> Iterator[BaseException]:
    found: BaseException | None = problem
    while found is not None:
        yield found
        found = getattr(found, "orig", None) or found.__cause__ or found.__context__
