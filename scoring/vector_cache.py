"""Vectors kept on disk by content hash: one SQLite file that any number of processes may use.

A cache that is damaged, locked or not writable costs time and nothing else.
"""

import contextlib
import logging
import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]

FILE_NAME = "vectors.sqlite"
PATIENCE = 10.0  # seconds to wait for another process
BATCH = 500  # keys a query

_log = logging.getLogger(__name__)


class VectorCache:
    """key (hex digest) → vector (D,) float32, in ``folder``, which is made when it is needed.

    A row holds a CRC-32 (four bytes, little endian) and the vector's bytes.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / FILE_NAME

    def get(self, keys: Sequence[str]) -> dict[str, Vector]:
        """Those of the keys that are stored and whole."""
        found: dict[str, Vector] = {}
        if not self._path.is_file():
            return found
        with self._forgiving(), self._open() as database:
            for start in range(0, len(keys), BATCH):
                batch = keys[start : start + BATCH]
                marks = ",".join("?" * len(batch))
                query = f"SELECT key, value FROM vectors WHERE key IN ({marks})"  # noqa: S608
                for key, value in database.execute(query, batch):
                    vector = _unpack(value)
                    if vector is not None:
                        found[key] = vector
        return found

    def put(self, vectors: Mapping[str, Vector]) -> None:
        """Store vectors, in one transaction; ones that are there already are replaced."""
        rows = [(key, _pack(vector)) for key, vector in vectors.items()]
        with self._forgiving():
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as database:
                database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """A transaction on the database, with its table."""
        connection = sqlite3.connect(self._path, timeout=PATIENCE)
        with contextlib.closing(connection) as database, database:
            database.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, value)")
            yield database

    @contextlib.contextmanager
    def _forgiving(self) -> Iterator[None]:
        """Go on without the cache where it fails; throw it away where it is damaged."""
        try:
            yield
        except (sqlite3.OperationalError, OSError) as error:
            _log.info("The cache %s is not used: %s.", self._path, error)
        except sqlite3.DatabaseError as error:
            _log.info("The cache %s is damaged and begun anew: %s.", self._path, error)
            with contextlib.suppress(OSError):
                self._path.unlink()


def _pack(vector: Vector) -> bytes:
    data = vector.astype("<f4").tobytes()
    return zlib.crc32(data).to_bytes(4, "little") + data


def _unpack(value: object) -> Vector | None:
    if not isinstance(value, bytes) or len(value) < 8 or len(value) % 4:
        return None
    if zlib.crc32(value[4:]) != int.from_bytes(value[:4], "little"):
        return None
    return np.frombuffer(value[4:], "<f4").astype(np.float32)
