"""One JSON line per request: which, whose scope, where, how it ended, how long. No personal data.

The route's pattern stands for the address, so no name or identifier reaches the log; a
failure is told by its kind and place, because its words may quote what somebody typed.
"""

from __future__ import annotations

import logging
import sys
import traceback
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from core.web.incoming import Incoming

log = logging.getLogger("contingent.request")
failures = logging.getLogger("contingent.failure")
_encode = msgspec.json.Encoder().encode


class JsonLines(logging.Formatter):
    """Writes each record as one line of JSON; ``record.line`` holds its members where there are any."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "log": record.name,
        }
        members = getattr(record, "line", None)
        if members is None:
            line["message"] = record.getMessage()
        else:
            line |= members
        if record.exc_info and record.exc_info[1] is not None and "where" not in line:
            line |= described(record.exc_info[1])
        return _encode(line).decode()


def set_up_logging(level: int = logging.INFO) -> None:
    """Send every log of the process to standard error as lines of JSON."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("contingent").setLevel(level)


def written(request_id: str, scope_id: str | None, route: str, status: int, milliseconds: float) -> None:
    """Write the line of one request."""
    if log.isEnabledFor(logging.INFO):
        line = {
            "request": request_id,
            "scope": scope_id,
            "route": route,
            "status": status,
            "ms": round(milliseconds, 1),
        }
        log.info("%s %d", route, status, extra={"line": line})


def failed(incoming: Incoming, error: Exception, demonstration: bool) -> None:
    """Write what failed and where; the words of the error only where all data is invented."""
    line: dict[str, Any] = {"request": incoming.request_id, **described(error)}
    if demonstration:
        line["message"] = "".join(traceback.format_exception(error))
    ours = [place for place in line["where"] if "site-packages" not in place and place[0] == "/"] or line["where"]
    failures.error("a request failed: %s at %s", line["error"][0], "".join(ours[-1:]), extra={"line": line})


def described(error: BaseException) -> dict[str, Any]:
    """Return an error's kind, its causes' kinds and the places it came through, without its words."""
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < 5:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-20:]
    return {"error": kinds, "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]}
