"""zstd dictionaries: what every call record repeats, known before the first byte, which makes small records a third.

A frame names the dictionary that it was packed with, so each one that was ever released stays in this folder. A
new one is trained by ``python -m bench.train_dictionary`` and takes the next number.
"""

import sys
from functools import cache
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["newest", "of_frame", "zstd"]

_FOLDER = Path(__file__).parent


@cache
def newest() -> Any:
    """What new documents are packed with; digested once, or each record would cost ten times as much."""
    last = max(_FOLDER.glob("*.zdict"), key=lambda file: int(file.stem))
    return zstd.ZstdDict(last.read_bytes()).as_digested_dict


def of_frame(packed: bytes) -> zstd.ZstdDict | None:
    """The dictionary that unpacks these frames, which are all of one; None if they were packed without any."""
    named = zstd.get_frame_info(packed).dictionary_id
    return _all()[named] if named else None


@cache
def _all() -> dict[int, zstd.ZstdDict]:
    known = (zstd.ZstdDict(file.read_bytes()) for file in _FOLDER.glob("*.zdict"))
    return {dictionary.dict_id: dictionary for dictionary in known}
