"""A data set's archive → its files, verified, and only those that are not there yet."""

import os
import shutil
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile, ZipInfo

from tqdm import tqdm

from seollem.training.errors import DataError
from seollem.training.files.disk import replacing_file, require_space


def unpack(archive: Path, folder: Path) -> list[Path]:
    """Unpack a zip file, or what an interrupted call left to do; checksums and sizes are checked.

    Raises:
        DataError: the archive is damaged (it is removed, to be fetched again), or wants to write
            outside the folder.
        NoSpace: the disk cannot take its content.
    """
    try:
        with ZipFile(archive) as source:
            members = [member for member in source.infolist() if not member.is_dir()]
            missing = [member for member in members if not _is_there(member, folder)]
            require_space(folder, sum(member.file_size for member in missing))
            for member in tqdm(missing, "unpacking", mininterval=2):
                _extract(source, member, folder)
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        archive.unlink()
        raise DataError(
            f"{archive} is damaged ({error}) and was removed. The same command fetches it again."
        ) from error
    return [_target(member, folder) for member in members]


def _target(member: ZipInfo, folder: Path) -> Path:
    target = Path(os.path.normpath(folder / member.filename))
    if not target.is_relative_to(os.path.normpath(folder)):
        raise DataError(f"The archive wants to write outside {folder}: {member.filename!r}.")
    return target


def _is_there(member: ZipInfo, folder: Path) -> bool:
    target = _target(member, folder)
    return target.is_file() and target.stat().st_size == member.file_size


def _extract(source: ZipFile, member: ZipInfo, folder: Path) -> None:
    """Under another name until it is whole: reading to the end compares the checksum."""
    target = _target(member, folder)
    with (
        replacing_file(target) as partial,
        source.open(member) as packed,
        partial.open("wb") as file,
    ):
        shutil.copyfileobj(packed, file)
