"""The attack pack: what a plugin in a sandbox may try against its machine, its process and its host."""

from __future__ import annotations

from tests.core.hooks.sandbox.attacks import ENDED, LATE, RAISED, Attack, ends
from tests.core.hooks.sandbox.pack_of_frames import SAID

BEHIND_ITS_ANSWER = (
    Attack(
        "compute on behind its answer, in a thread",
        "def on():\n"
        "    while True:\n"
        "        pass\n"
        "threading.Thread(target=on, daemon=True).start()\n"
        "return held(f'by nothing yet: {os.getpid()}')",
    ),
    Attack(
        "compute on behind its answer, in a task that no cancelling ends",
        "async def on():\n"
        "    while True:\n"
        "        with contextlib.suppress(BaseException):\n"
        "            sum(range(100000))\n"
        "            await asyncio.sleep(0)\n"
        "asyncio.get_running_loop().create_task(on())\n"
        "return held(f'by nothing yet: {os.getpid()}')",
    ),
)
"""What is ended after it has answered: ``test_overtime`` waits for that with the first. To the kernel both are one."""

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
        "take all memory", "hoard = []\nwhile True:\n    hoard.append(bytearray(16 * 2**20))", ends("raised", "late")
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
    Attack("compute one huge number", "return through(len(str(3 ** (2 ** 34))))", ends("late", "raised")),
    Attack("recurse without end", "def down():\n    return down()\ndown()", RAISED),
    Attack(
        "call itself in C without end",
        "sys.setrecursionlimit(10**9)\nclass Deep:\n    def __repr__(self):\n        return repr([self])\nrepr(Deep())",
        ends("ended", "late", "raised"),
    ),
    Attack("touch memory that is not its own", "ctypes.string_at(0)", ENDED),
    Attack("leave", "os._exit(0)", ENDED),
    Attack("abort", "ctypes.CDLL(None).abort()", ends("ended", "late")),
    Attack("exit", "sys.exit(3)", RAISED),
    Attack("interrupt", "raise KeyboardInterrupt", RAISED),
    Attack("cancel itself", "raise asyncio.CancelledError", RAISED),
    Attack(
        "stop the loop", "asyncio.get_running_loop().stop()\nawait asyncio.sleep(60)", ends("raised", "ended", "late")
    ),
    Attack(
        "cancel every task",
        "for one in asyncio.all_tasks():\n    one.cancel()\nawait asyncio.sleep(60)",
        ends("raised", "ended", "late"),
    ),
    *BEHIND_ITS_ANSWER,
    *SAID,
]
