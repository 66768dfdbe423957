"""Random streams by name: the same key gives the same numbers, whatever else is drawn, in whatever order, by
how many workers (METHODS section 12).
"""

from __future__ import annotations

import hashlib
import json

import numpy as np

Key = str | int | float | bool | None


def stream(seed: int, *key: Key) -> np.random.Generator:
    """A generator for this seed and key, independent of that for any other.

    The key is hashed as JSON text, so that ("a", "bc") and ("ab", "c") differ and so do 1 and "1".
    """
    text = json.dumps([seed, *key], ensure_ascii=True)
    digest = hashlib.sha256(text.encode("ascii")).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest[:16], dtype="<u8")))
