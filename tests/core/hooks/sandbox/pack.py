"""The attack pack: what a plugin in a sandbox may try, and what may come of it at most.

Each attack is the body of ``approval_chain(ctx, subject)``. It returns ``held("…")`` where it was stopped,
``through("…")`` where it got what it wanted, or does its worst and never gets there.
"""

from __future__ import annotations

from typing import NamedTuple

HEAD = '''
import asyncio, contextlib, ctypes, gc, os, re, socket, struct, subprocess, sys, threading, time
from pathlib import Path

from contingent import Ctx, Manifest, NoApproval, Rejected, Step, Subject, Who, hookimpl

manifest = Manifest(
    name="attacker", version="1.0", title={"en": "Attacker", "fr": "Assaillant"}, requires="contingent>=1.0,<2", tier=2
)


def held(why):
    return NoApproval(reason={"en": f"held {why}", "fr": "tenu"})


def through(what):
    return NoApproval(reason={"en": f"through {what}", "fr": "passé"})


def attempt(action):
    """Try it: an error is a hold."""
    try:
        found = action()
    except (OSError, RuntimeError, ValueError, MemoryError) as error:
        return held(type(error).__name__)
    return through(repr(found)[:200])


def ask_kernel(number, *arguments):
    """Make a system call by number: what Python has no function for."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(ctypes.c_long(number), *[ctypes.c_long(one) for one in arguments]) < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return "done"


def conversation():
    """Find the host's own end of the way to core, as anybody in this process can."""
    return next(one for one in gc.get_objects() if type(one).__name__ == "Conversation")


def send(body):
    conversation()._transport.write(len(body).to_bytes(4, "big") + body)


class Anew:
    """Frames like the host's own."""

    def __getattr__(self, name):
        from core.hooks.sandbox import frames
        return getattr(frames, name)


frames = Anew()


@hookimpl
async def approval_chain(ctx: Ctx, subject: Subject) -> list[Step] | NoApproval | None:
    if subject.concerns is not None:
        return held("nothing tried")
'''


UNCONSENTED = "ask without end for what was not consented to, and hide it"


class Attack(NamedTuple):
    """One thing a plugin tries. ``causes``: how the call may fail; without any, it must be answered, and held."""

    name: str
    body: str
    causes: frozenset[str] = frozenset()


def _ends(*causes: str) -> frozenset[str]:
    return frozenset(causes)


LATE, RAISED = _ends("late"), _ends("raised")
ENDED = _ends("ended")

ATTACKS = [
    # files
    Attack("read a file of the system", "return attempt(lambda: open('/etc/passwd').read())"),
    Attack("read a file of the project", "return attempt(lambda: Path(PROJECT).read_text())"),
    Attack("list the root", "return attempt(lambda: os.listdir('/'))"),
    Attack("read its own environment in proc", "return attempt(lambda: open('/proc/self/environ').read())"),
    Attack("read the zygote's memory", "return attempt(lambda: open(f'/proc/{os.getppid()}/mem', 'rb').read(1))"),
    Attack("list the processes", "return attempt(lambda: os.listdir('/proc'))"),
    Attack(
        "find something in the environment",
        "found = {k: v for k, v in os.environ.items() if k != 'LC_CTYPE'}\n"
        "return through(found) if found else held('empty')",
    ),
    Attack("write a file", "return attempt(lambda: open('/tmp/attacker', 'w').write('x'))"),
    Attack("write into shared memory", "return attempt(lambda: open('/dev/shm/attacker', 'w').write('x'))"),
    Attack("make a folder", "return attempt(lambda: os.mkdir('/tmp/attacker'))"),
    Attack("remove a file", "return attempt(lambda: os.unlink(PROJECT))"),
    Attack("follow a symbolic link out", "return attempt(lambda: os.symlink('/etc/passwd', '/tmp/attacker'))"),
    Attack("make a hard link", "return attempt(lambda: os.link('/etc/passwd', '/tmp/attacker'))"),
    Attack("make a device", "return attempt(lambda: os.mknod('/tmp/attacker'))"),
    Attack("change its root", "return attempt(lambda: os.chroot('/tmp'))"),
    Attack("change the times of a file", "return attempt(lambda: os.utime(PROJECT))"),
    # network
    Attack("open a socket of the internet", "return attempt(lambda: socket.socket())"),
    Attack("open a socket of the machine", "return attempt(lambda: socket.socket(socket.AF_UNIX))"),
    Attack("connect to the database", "return attempt(lambda: socket.create_connection(('127.0.0.1', 5432), 0.2))"),
    Attack("resolve a name", "return attempt(lambda: socket.getaddrinfo('example.org', 80))"),
    Attack("listen", "return attempt(lambda: socket.create_server(('127.0.0.1', 0)))"),
    # processes and signals
    Attack("fork", "return attempt(os.fork)"),
    Attack(
        "fork without end",
        "for _ in range(1000):\n    with contextlib.suppress(OSError):\n        os.fork()\nreturn held('alone')",
    ),
    Attack("run a program", "return attempt(lambda: subprocess.run(['/bin/true']))"),
    Attack("become a program", "return attempt(lambda: os.execv('/bin/true', ['true']))"),
    Attack("run a shell", "return held('none') if os.system('true') else through('a shell')"),
    Attack("end the zygote", "return attempt(lambda: os.kill(os.getppid(), 9))"),
    Attack("signal everybody", "return attempt(lambda: os.kill(-1, 15))"),
    Attack("end its group", "return attempt(lambda: os.killpg(os.getpgid(0), 9))"),
    Attack("trace the zygote", "return attempt(lambda: ask_kernel(101, 16, os.getppid(), 0, 0))"),
    Attack("read another process's memory", "return attempt(lambda: ask_kernel(310, os.getppid(), 0, 0, 0, 0, 0))"),
    Attack("take root's rights", "return attempt(lambda: os.setuid(0))"),
    Attack("raise its limits", "import resource\nreturn attempt(lambda: resource.setrlimit(7, (9999, 9999)))"),
    Attack("leave its namespaces", "return attempt(lambda: ask_kernel(272, 0x10000000))"),
    Attack("mount a file system", "return attempt(lambda: ask_kernel(165, 0, 0, 0, 0, 0))"),
    Attack("use the kernel's queue of calls", "return attempt(lambda: ask_kernel(425, 8, 0))"),
    Attack("load a program into the kernel", "return attempt(lambda: ask_kernel(321, 0, 0, 0))"),
    Attack("make a file in memory and run it", "return attempt(lambda: os.memfd_create('x'))"),
    Attack("read the kernel's keys", "return attempt(lambda: ask_kernel(250, 0, -3, 0))"),
    Attack("take another personality", "return attempt(lambda: ask_kernel(135, 0x0040000))"),
    Attack("handle its own page faults", "return attempt(lambda: ask_kernel(323, 0))"),
    # what was left open
    Attack(
        "use a descriptor that was left open",
        "import stat\n"
        "open_ones = []\n"
        "for one in range(1024):\n"
        "    with contextlib.suppress(OSError):\n"
        "        open_ones.append((one, stat.S_IFMT(os.fstat(one).st_mode)))\n"
        "files = [one for one, kind in open_ones if kind in (stat.S_IFREG, stat.S_IFDIR)]\n"
        "return through(files) if files or len(open_ones) > 12 else held('nothing but the way to core')",
    ),
    Attack(
        "use up the descriptors",
        "import fcntl\n"
        "def hoard():\n"
        "    for _ in range(100000):\n"
        "        fcntl.fcntl(1, fcntl.F_DUPFD, 0)\n"
        "try:\n"
        "    return attempt(hoard)\n"
        "finally:\n"
        "    os.closerange(16, 4096)",
    ),
    # resources
    Attack(
        "take all memory", "hoard = []\nwhile True:\n    hoard.append(bytearray(16 * 2**20))", _ends("raised", "late")
    ),
    Attack("take memory at once", "return attempt(lambda: bytearray(8 * 2**30))"),
    Attack(
        "make threads without end",
        "wait = threading.Event()\n"
        "made = []\n"
        "try:\n"
        "    for _ in range(100000):\n"
        "        one = threading.Thread(target=wait.wait, daemon=True)\n"
        "        one.start()\n"
        "        made.append(one)\n"
        "except (RuntimeError, MemoryError):\n"
        "    return held('an end')\n"
        "finally:\n"
        "    wait.set()\n"
        "return through('threads')",
    ),
    Attack("compute without end", "while True:\n    pass", LATE),
    Attack("sleep", "time.sleep(3600)", LATE),
    Attack("wait without end", "await asyncio.Event().wait()", LATE),
    Attack(
        "wait without end and not be cancelled",
        "while True:\n    try:\n        await asyncio.Event().wait()\n    except BaseException:\n        continue",
        LATE,
    ),
    Attack("search without end", "re.match(r'(a+)+$', 'a' * 64 + 'b')", LATE),
    Attack("compute one huge number", "return through(len(str(3 ** (2 ** 34))))", _ends("late", "raised")),
    Attack("recurse without end", "def down():\n    return down()\ndown()", RAISED),
    Attack(
        "call itself in C without end",
        "sys.setrecursionlimit(10**9)\nclass Deep:\n    def __repr__(self):\n        return repr([self])\nrepr(Deep())",
        _ends("ended", "late", "raised"),
    ),
    Attack("touch memory that is not its own", "ctypes.string_at(0)", ENDED),
    Attack("leave", "os._exit(0)", ENDED),
    Attack("abort", "ctypes.CDLL(None).abort()", _ends("ended", "late")),
    Attack("exit", "sys.exit(3)", RAISED),
    Attack("interrupt", "raise KeyboardInterrupt", RAISED),
    Attack("cancel itself", "raise asyncio.CancelledError", RAISED),
    Attack(
        "stop the loop", "asyncio.get_running_loop().stop()\nawait asyncio.sleep(60)", _ends("raised", "ended", "late")
    ),
    Attack(
        "cancel every task",
        "for one in asyncio.all_tasks():\n    one.cancel()\nawait asyncio.sleep(60)",
        _ends("raised", "ended", "late"),
    ),
    # answers
    Attack("answer with too much", "return NoApproval(reason={'en': 'x' * (4 * 2**20), 'fr': 'x'})", _ends("nonsense")),
    Attack(
        "answer with far too much",
        "return [Step(key='x' * (9 * 2**20), title={'en': 'x', 'fr': 'x'}, who=Who())] * 3",
        _ends("ended", "nonsense"),
    ),
    Attack("answer with what is no answer", "return {'en': 'Tremblay'}", _ends("nonsense")),
    Attack("answer with what cannot be sent", "return object()", RAISED),
    Attack("answer with a number that is none", "return float('nan')", _ends("nonsense")),
    Attack(
        "answer with an abyss",
        "deep = []\nfor _ in range(100000):\n    deep = [deep]\nreturn deep",
        _ends("raised", "nonsense", "ended"),
    ),
    Attack("answer with itself", "loop = []\nloop.append(loop)\nreturn loop", _ends("raised", "ended")),
    Attack("refuse where it may not", "raise Rejected({'en': 'No.', 'fr': 'Non.'})", RAISED),
    # frames
    Attack("send no frame", "send(b'\\xc1' * 100)\nawait asyncio.sleep(60)", ENDED),
    Attack("send no message", "send(b'\\x93\\x01\\x02\\x03')\nawait asyncio.sleep(60)", ENDED),
    Attack(
        "announce a frame without end", "conversation()._transport.write(b'\\xff' * 4)\nawait asyncio.sleep(60)", ENDED
    ),
    Attack(
        "send half a frame",
        "conversation()._transport.write(b'\\0\\0\\1\\0' + b'\\x90')\nawait asyncio.sleep(60)",
        LATE,
    ),
    Attack(
        "answer twice",
        "one = frames.pack(frames.Answered(max(conversation()._tasks), frames.raw(held('first'))))\n"
        "conversation()._transport.write(one * 2)\n"
        "await asyncio.sleep(60)",
        _ends("ended", "answered"),
    ),
    Attack(
        "answer other calls",
        "way = conversation()\n"
        "for one in range(1, 2000):\n"
        "    if one not in way._tasks:\n"
        "        way._send(frames.Answered(one, frames.raw(through('another call'))))\n"
        "return held('unheard')",
    ),
    Attack(
        "end other calls",
        "way = conversation()\n"
        "for one in range(1, 2000):\n"
        "    if one not in way._tasks:\n"
        "        way._send(frames.Ended(one, error='forged'))\n"
        "return held('unheard')",
    ),
    Attack(
        "ask on behalf of other calls",
        "way = conversation()\n"
        "for one in range(1, 2000):\n"
        "    if one not in way._tasks:\n"
        "        way._send(frames.Effect(one, 1, 'store.put', frames.raw(('stolen', {}))))\n"
        "return held('unheard')",
    ),
    Attack(
        "say that another plugin is loaded",
        "conversation()._send(frames.Loaded('approval_chain'))\nreturn held('unheard')",
    ),
    Attack(
        "ask for what there is not",
        "ask = ctx.store._ask\n"
        "try:\n"
        "    return through(await ask('database.execute', ('SELECT 1',), object))\n"
        "except PermissionError as error:\n"
        "    return held(error)",
    ),
    Attack(
        "ask with nonsense",
        "ask = ctx.store._ask\n"
        "try:\n"
        "    return through(await ask('store.put', ('key', 'no document'), object))\n"
        "except Exception as error:\n"
        "    return held(error)",
    ),
    Attack(
        "ask for more than can be done",
        "await asyncio.gather(*[ctx.store.get('x') for _ in range(5000)])\nreturn through('all')",
        ENDED,
    ),
    Attack(
        "write where it may only read",
        "try:\n"
        "    await ctx.store.put('key', {})\n"
        "except Exception as error:\n"
        "    return held(type(error).__name__)\n"
        "return through('a document')",
    ),
    Attack(
        "open what was not consented to",
        "try:\n"
        "    return through(await ctx.files.open(subject.id))\n"
        "except PermissionError as error:\n"
        "    return held(error)",
    ),
    Attack(
        UNCONSENTED,
        "ask, found = ctx.store._ask, 0\n"
        "for one in range(100):\n"
        "    try:\n"
        "        found = await ask('files.open', (subject.id,), object)\n"
        "    except PermissionError:\n"
        "        pass\n"
        "return through(found) if found else held('every time')",
    ),
    Attack(
        "find what is kept from it in ctx",
        "found = [name for name in ('database', 'hooks', 'people', 'agencies') if getattr(ctx, name) is not None]\n"
        "found += [one for one in (ctx.actor.name, *ctx.actor.permissions) if one]\n"
        "return through(found) if found else held('nothing')",
    ),
    # texts
    Attack(
        "break the line of its error",
        "raise type('Bad\\nroot: all is well\\x1b[2J', (Exception,), {})",
        RAISED,
    ),
    Attack("make its error endless", "raise type('E' * 100000, (Exception,), {})", RAISED),
    Attack("quote a person in its error", "raise ValueError('Tremblay, Alix')", RAISED),
]
