"""The desk as a process of its own, started by its command, that can be killed."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Self

_ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class DeskProcess:
    """``judge label`` on a port that stays the same when it is started again."""

    def __init__(
        self, transcripts: Path, rubric: str, labels: Path, *more: str
    ) -> None:
        self.port = free_port()
        self.origin = f"http://127.0.0.1:{self.port}"
        self._command = [
            sys.executable, "-m", "judge", "label", str(transcripts), "--rubric",
            rubric, "--labels", str(labels), "--labelers", "ann", "--lead", "ann",
            "--port", str(self.port), "--no-open", *more,
        ]  # fmt: skip
        self._running: subprocess.Popen[str] | None = None

    def __enter__(self) -> Self:
        self.token = self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def start(self) -> str:
        """Start it, and return the token of its link."""
        path = os.pathsep.join([str(_ROOT), os.environ.get("PYTHONPATH", "")])
        self._running = subprocess.Popen(
            self._command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
        )
        assert self._running.stdout is not None
        said = []
        for line in self._running.stdout:
            said.append(line)
            if found := re.search(r"/enter/(\S+)", line):
                self._wait_until_it_listens()
                return found[1]
        raise AssertionError(f"the desk did not start: {''.join(said)}")

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except ConnectionRefusedError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(f"nothing listens on {self.port}")

    def interrupt(self) -> tuple[int, str]:
        """Press Ctrl-C, and return how it ended and what it said at last."""
        assert self._running is not None
        self._running.send_signal(signal.SIGINT)
        said, _ = self._running.communicate(timeout=10)
        return self._running.returncode, said

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        assert self._running is not None
        self._running.send_signal(signal.SIGKILL)
        if self._running.returncode is None:
            self._running.communicate(timeout=10)
