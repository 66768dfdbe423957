"""Office files are zip archives stamped with the time of writing; these are stamped with a constant, so that the same
content is the same bytes."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime

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
