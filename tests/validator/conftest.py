"""Real judges in Java: HL7's R4 validator, one process for the whole run, and veraPDF."""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

RUN = Path(__file__).parents[1] / "java" / "run"


class Remark(msgspec.Struct, frozen=True):
    """One message of the validator."""

    severity: str
    where: str
    code: str
    text: str


class Validator:
    """A `Validate --lines` process: one resource a line in, remarks out, `.N` at the end of each answer."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [RUN, "validate", "--lines"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def __call__(self, resource: dict[str, Any] | bytes) -> list[Remark]:
        """What HL7's validator says of one resource; informational remarks are left out."""
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        document = json.loads(resource) if isinstance(resource, bytes) else resource
        process.stdin.write(json.dumps(document) + "\n")
        process.stdin.flush()
        remarks = []
        for line in process.stdout:
            if line.startswith("."):
                return remarks
            _, severity, where, code, text = line.rstrip("\n").split("\t", 4)
            if severity != "information":
                remarks.append(Remark(severity, where, code, text))
        raise RuntimeError(f"the validator ended with {process.wait()}")

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)
        self._process.stdout.close()


def _needs_java() -> None:
    missing = [tool for tool in ("java", "mvn") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"HL7's validator and veraPDF need Java 17 and Maven; missing: {', '.join(missing)}")
    if os.environ.get("PYTEST_XDIST_WORKER"):
        pytest.skip("one Java process for the run, not one a worker: scripts/test-hapi runs these")
    subprocess.run([RUN, "build"], check=True, timeout=600)


@pytest.fixture(scope="session")
def validate() -> Iterator[Validator]:
    """`validate(resource)` gives the errors and warnings of HL7's validator."""
    _needs_java()
    validator = Validator()
    yield validator
    validator.close()


@pytest.fixture(scope="session")
def pdfua() -> Callable[..., list[str]]:
    """`pdfua(path, ...)` gives what veraPDF finds against PDF/UA-1; nothing when every file complies."""
    _needs_java()

    def check(*paths: Path) -> list[str]:
        done = subprocess.run([RUN, "pdfua", *paths], capture_output=True, text=True, timeout=300)
        lines = done.stdout.splitlines()
        judged = [line for line in lines if line.endswith(("\tcompliant", "\tfails"))]
        if [line.partition("\t")[0] for line in judged] != [str(path) for path in paths]:
            raise RuntimeError(f"veraPDF ended with {done.returncode}: {done.stderr[-1000:]}")
        return [line for line in lines if not line.endswith("\tcompliant")]

    return check
