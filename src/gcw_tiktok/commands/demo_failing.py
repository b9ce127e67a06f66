"""How gcw demo ends when a command that it runs fails: with that command's sentence, hint and exit code."""

import json
import shlex
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

from gcw_tiktok import output
from gcw_tiktok.errors import (
    BadInput,
    CheckFailed,
    GcwError,
    Interrupted,
    PartlyDone,
    Refused,
    SetupMissing,
    TryAgain,
    Usage,
)

KINDS = (Usage, SetupMissing, BadInput, Refused, TryAgain, PartlyDone, CheckFailed, Interrupted)
BY_EXIT_CODE: Mapping[int, type[GcwError]] = {kind.exit_code: kind for kind in KINDS}
START, REQUEST = "Error: ", "TikTok's request id: "
READ_SECONDS = 5


def of_json(words: Sequence[str], exit_code: int, said: str) -> GcwError:
    """The failure that a command told with --json; what it said else comes with what is no failure of gcw's."""
    for line in reversed(said.splitlines()):
        if told := _told(line):
            kind = BY_EXIT_CODE.get(exit_code, GcwError)
            return kind(told["message"], told["hint"], code=told["code"], request_id=told["request_id"])
    return _unknown(words, exit_code, said)


def of_words(words: Sequence[str], exit_code: int, said: str) -> tuple[str, GcwError]:
    """What a command said before it failed, and the failure that it told at the end."""
    lines = said.splitlines()
    begins = next((number for number in reversed(range(len(lines))) if lines[number].startswith(START)), None)
    if begins is None:
        return "", _unknown(words, exit_code, said)
    sentence, *more = (line.strip() for line in lines[begins:])
    request_id = more.pop().removeprefix(REQUEST) if more and more[-1].startswith(REQUEST) else ""
    kind = BY_EXIT_CODE.get(exit_code, GcwError)
    return "\n".join(lines[:begins]), kind(sentence.removeprefix(START), "\n".join(more), request_id=request_id)


def _unknown(words: Sequence[str], exit_code: int, said: str) -> GcwError:
    return GcwError(f"`gcw {shlex.join(words)}` ended with {exit_code}.\n{said.strip()}".strip())


def _told(line: str) -> dict[str, Any] | None:
    if not line.startswith('{"error"'):
        return None
    found: dict[str, Any] = json.loads(line)["error"]
    return found


class Beside:
    """A command that runs beside the demo, with --json: what it talks is passed on, how it fails is kept."""

    def __init__(self, words: Sequence[str], command: Sequence[str], environment: Mapping[str, str], **more: Any):
        self._words, self._failed = words, ""
        self.process = subprocess.Popen(  # noqa: S603  our own command
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **more
        )
        self._readers = [threading.Thread(target=self._listen, daemon=True)]
        self._readers[0].start()

    def first(self) -> Any:
        """The first thing that it tells; what it failed with, where it ended instead."""
        assert self.process.stdout is not None
        told = self.process.stdout.readline()
        if not told:
            raise self.failure()
        rest = threading.Thread(target=deque, args=(self.process.stdout, 0), daemon=True)  # else it waits for a reader
        rest.start()
        self._readers.append(rest)
        return json.loads(told)

    def failure(self) -> GcwError:
        """Why it has ended."""
        code = self.process.wait(READ_SECONDS)
        self._readers[0].join(READ_SECONDS)
        return of_json(self._words, code, self._failed)

    def end(self, seconds: float) -> None:
        self.process.terminate()
        self.process.wait(seconds)
        for reader in self._readers:
            reader.join(READ_SECONDS)
        for stream in (self.process.stdout, self.process.stderr):
            if stream:
                stream.close()

    def _listen(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            if _told(line):
                self._failed = line
            else:
                output.note(line.rstrip("\n"))
