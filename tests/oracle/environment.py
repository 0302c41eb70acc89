"""python-cwt in an environment of its own: an implementation of COSE and CWT by people who never heard of us.

Made on first use in `.venv-oracle`, from requirements.lock, and made again when the lock changes.
"""

import fcntl
import json
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCK = HERE / "requirements.lock"
ENVIRONMENT = HERE.parents[1] / ".venv-oracle"
PYTHON = ENVIRONMENT / "bin" / "python"
MADE_FROM = ENVIRONMENT / "made-from"


def verify_with_cwt(jwks: dict[str, Any], tokens: list[bytes], external_aad: str = "taksa/receipt/v1") -> list[dict[str, Any] | None]:
    """For each token its claims set by label, byte strings in hex; None when no key of the JWK set verifies it."""
    _make()
    asked = {"jwks": jwks, "external_aad": external_aad, "tokens": [token.hex() for token in tokens]}
    run = subprocess.run([PYTHON, HERE / "verify_cwt.py"], input=json.dumps(asked), capture_output=True, text=True, check=True)
    found: list[dict[str, Any] | None] = json.loads(run.stdout)
    return found


def _make() -> None:
    wanted = sha256(LOCK.read_bytes()).hexdigest()
    with ENVIRONMENT.with_suffix(".lock").open("w") as turn:
        # Two test runs may begin at once.
        fcntl.flock(turn, fcntl.LOCK_EX)
        if MADE_FROM.exists() and MADE_FROM.read_text() == wanted:
            return
        shutil.rmtree(ENVIRONMENT, ignore_errors=True)
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        install: list[str | Path] = [
            PYTHON,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            LOCK,
        ]
        subprocess.run(install, check=True)
        MADE_FROM.write_text(wanted)
