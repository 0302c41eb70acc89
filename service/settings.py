"""Settings: one small frozen value, read once from `TAKSA_*` variables. A name we do not know refuses the start."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "TAKSA_"


class SettingsRefused(Exception):
    """The environment cannot be used; the message lists everything that is wrong with it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs from one installation to the next.

    database_url: where the registry lives, `sqlite:///path` or `postgresql://…`.
    origin: what QR codes begin with, `https://host`; the demonstration alone may use http.
    passphrase_file: opens the sealed signing keys; not needed, and not read, by public processes.
    public: serve verification only, without staff routes or private keys.
    demo: set by the demonstration itself.
    pool_size: connections to the database.
    """

    database_url: str = ""
    origin: str = ""
    passphrase_file: str = ""
    public: bool = False
    demo: bool = False
    pool_size: int = 10

    @property
    def host(self) -> str:
        """The plain host name people should see in their browser."""
        return urlsplit(self.origin).netloc

    def passphrase(self) -> bytes | None:
        """What opens the sealed keys, None when this process must not or cannot sign."""
        if self.public or not self.passphrase_file:
            return None
        return Path(self.passphrase_file).read_bytes().strip()


def read_settings(environ: Mapping[str, str], **given: str) -> Settings:
    """Settings from the environment; `given` values stand above it. Raises SettingsRefused naming all that is wrong at once."""
    known = {field.name: field for field in fields(Settings)}
    texts = {name.removeprefix(PREFIX).lower(): value for name, value in environ.items() if name.startswith(PREFIX)} | given
    wrong = [f"{PREFIX}{name.upper()} is not a setting" for name in sorted(texts) if name not in known]
    values: dict[str, str | bool | int] = {}
    for name, text in texts.items():
        if name not in known:
            continue
        default = known[name].default
        if isinstance(default, bool):
            if text not in ("0", "1"):
                wrong.append(f"{PREFIX}{name.upper()} must be 0 or 1")
            values[name] = text == "1"
        elif isinstance(default, int):
            if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 200:
                wrong.append(f"{PREFIX}{name.upper()} must be a whole number from 1 to 200")
            else:
                values[name] = int(text)
        else:
            values[name] = text
    settings = Settings(**values)  # type: ignore[arg-type] # each value was read by its field's own type
    wrong += _missing(settings)
    if wrong:
        raise SettingsRefused("; ".join(wrong))
    return settings


def _missing(settings: Settings) -> list[str]:
    wrong = []
    if not settings.database_url.startswith(("sqlite:///", "postgresql://")):
        wrong.append(f"{PREFIX}DATABASE_URL must begin with sqlite:/// or postgresql://")
    origin = urlsplit(settings.origin)
    schemes = ("https", "http") if settings.demo else ("https",)
    if origin.scheme not in schemes or not origin.netloc or origin.path or origin.query or origin.fragment:
        wrong.append(f"{PREFIX}ORIGIN must be https://host, without a path")
    if settings.passphrase_file and not settings.public and not Path(settings.passphrase_file).is_file():
        wrong.append(f"{PREFIX}PASSPHRASE_FILE names no file")
    return wrong
