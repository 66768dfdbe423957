"""Office files are zip archives stamped with the time of writing; these are stamped with a constant, so that the same
content is the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath

STAMP = datetime(2000, 1, 1)
"""Stands for the date of everything the program writes; the real date is the file system's."""


def with_fixed_dates(archive: bytes) -> bytes:
    """The same archive with every date in it replaced by STAMP."""
    source = zipfile.ZipFile(io.BytesIO(archive))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + STAMP.strftime(
                    "%Y-%m-%dT%H:%M:%SZ").encode(), content)
            entry = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(entry, content)
    return buffer.getvalue()


PACKED = (".png", ".docx", ".xlsx", ".pptx", ".modscope", ".zip")
"""Packed already: packing them again takes long and gains nothing."""


def archive(files: Iterable[tuple[str, bytes]]) -> bytes:
    """Files as one zip archive, in the order of their names, under names relative to it. ValueError for a name that
    leads elsewhere.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for name, content in sorted(files):
            parts = PurePosixPath(name).parts
            if not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name:
                raise ValueError(f'"{name}" leads out of the archive')
            entry = zipfile.ZipInfo(name, STAMP.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_STORED if name.endswith(PACKED) else zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            target.writestr(entry, content)
    return buffer.getvalue()
