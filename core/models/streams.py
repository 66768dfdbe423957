"""Random streams by name: the same key gives the same numbers, whatever else is drawn, in whatever order, by
how many workers (METHODS section 12).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

import numpy as np

Key = str | int | float | bool | None


def stream(seed: int, *key: Key) -> np.random.Generator:
    """A generator for this seed and key, independent of that for any other.

    The key is hashed as JSON text, so that ("a", "bc") and ("ab", "c") differ and so do 1 and "1".
    """
    return _generator(hashlib.sha256(_text(seed, key)))


def replicate_streams(seed: int, *key: Key) -> Callable[[int], np.random.Generator]:
    """`stream(seed, *key, replicate)` of each replicate, its long key read once."""
    begun = hashlib.sha256(_text(seed, key)[:-1])

    def of(replicate: int) -> np.random.Generator:
        whole = begun.copy()
        whole.update(f", {replicate}]".encode("ascii"))
        return _generator(whole)

    return of


def _text(seed: int, key: tuple[Key, ...]) -> bytes:
    return json.dumps([seed, *key], ensure_ascii=True).encode("ascii")


def _generator(hashed: hashlib._Hash) -> np.random.Generator:
    return np.random.Generator(np.random.Philox(key=np.frombuffer(hashed.digest()[:16], dtype="<u8")))
