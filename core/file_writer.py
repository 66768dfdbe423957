"""Files written whole or not at all."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core.errors import UserError, Where


class FileWriter:
    """Writes files under a folder through a temporary neighbor, so that no half file ever has the final name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.written: list[Path] = []
        self.hashes: dict[str, str] = {}
        """SHA-256 (hex) of each text written so far, by name."""

    def text(self, name: str, content: str) -> None:
        """Write a text as UTF-8 and remember its hash."""
        encoded = content.encode("utf-8")
        self.file(name, lambda path: path.write_bytes(encoded))
        self.hashes[name] = hashlib.sha256(encoded).hexdigest()

    def file(self, name: str, write: Callable[[Path], Any]) -> None:
        """Let `write` fill a file. Raises UserError if the folder or the file cannot be written."""
        target = self.folder / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=".writing-", suffix=target.suffix)
            os.close(handle)
            try:
                write(Path(temporary))
                os.chmod(temporary, 0o644)
                os.replace(temporary, target)
            finally:
                Path(temporary).unlink(missing_ok=True)
        except OSError as fault:
            raise UserError(f'"{name}" cannot be written: {fault.strerror or fault}.', Where(file=str(target.name)),
                            "Close it in other programs, or choose another folder.") from None
        self.written.append(target)
