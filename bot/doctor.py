"""``seollem doctor``: what works, what does not, and what to do about it.

Opens the database as a start would (which creates and migrates it), and reads one portrait and one
message with the models; it opens no other connection, so of Discord it checks only what can be seen
from here.
"""

import asyncio
import importlib
import importlib.metadata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from seollem.bot.libraries import missing_packages
from seollem.bot.settings import Settings
from seollem.bot.tokens import NOT_A_TOKEN, PORTAL, bot_id
from seollem.scoring.emotions import display_name

# Later releases of mediapipe contact a metrics host when they are used.
_MEDIAPIPE = "0.10.33"
_MODULES = {  # what is imported → what the package index calls it
    "torch": "torch",
    "transformers": "transformers",
    "mediapipe": "mediapipe",
    "cv2": "opencv-contrib-python",
    "PIL": "pillow",
    "sqlalchemy": "sqlalchemy",
    "discord": "discord.py",
    "matplotlib": "matplotlib",
}


_INTENT = f"whether this intent is on cannot be seen from here: {PORTAL} → Bot"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked: ``problem`` says what is wrong and what to do, None: nothing."""

    what: str
    detail: str = ""
    problem: str | None = None

    def __str__(self) -> str:
        verdict = "ok  " if self.problem is None else "FAIL"
        return f"{verdict}  {self.what:<21}  {self.problem or self.detail}"


def examine(settings: Settings) -> int:
    """Print a line for everything that is checked; 0 when nothing fails, otherwise 1."""
    failed = 0
    for finding in findings(settings):
        print(finding, flush=True)
        failed += finding.problem is not None
    print(f"note  {'Message Content':<21}  {_INTENT}")
    return min(failed, 1)


def findings(settings: Settings) -> Iterator[Finding]:
    """Check everything, the causes before what they cause."""
    yield system_libraries()
    for module, package in _MODULES.items():
        yield library(module, package)
    yield from memory_and_model(settings)
    yield token(settings)


def memory_and_model(settings: Settings) -> Iterator[Finding]:
    """The weights' hashes, a portrait and a message read, the database opened and migrated."""
    yield _tried("weights", _weights, settings)
    yield _tried("reading a selfie", _selfie, settings)
    yield _tried("reading a message", _message, settings)
    yield _tried("database", _database, settings)


def system_libraries() -> Finding:
    """What mediapipe and OpenCV load from the system."""
    missing = missing_packages()
    if not missing:
        return Finding("system libraries", "all there")
    advice = f"sudo apt-get install --no-install-recommends {' '.join(missing)}"
    return Finding("system libraries", problem=f"missing {', '.join(missing)}: {advice}")


def library(module: str, package: str) -> Finding:
    """Whether a library can be imported, and mediapipe's version."""
    try:
        importlib.import_module(module)
        version = importlib.metadata.version(package)
    except Exception as error:  # a broken library may raise anything while it is imported
        return Finding(package, problem=f"{error}. Install again: make run")
    if package == "mediapipe" and version != _MEDIAPIPE:
        wanted = f"pip install mediapipe=={_MEDIAPIPE}"
        return Finding(package, problem=f"{version} contacts a metrics host: {wanted}")
    return Finding(package, version)


def token(settings: Settings) -> Finding:
    """Whether the token looks like one."""
    if settings.discord_token is None:
        return Finding("token", "not set: the conversation is in the terminal")
    identity = bot_id(settings.discord_token.get_secret_value())
    if identity is None:
        return Finding("token", problem=NOT_A_TOKEN)
    return Finding("token", f"has the shape of one, of the bot {identity}")


def _tried(what: str, check: Callable[[Settings], str], settings: Settings) -> Finding:
    try:
        return Finding(what, check(settings))
    except Exception as error:  # whatever it is, it is what the doctor is asked for
        return Finding(what, problem=f"{type(error).__name__}: {error}")


def _weights(settings: Settings) -> str:
    from seollem.scoring.label_weights import LabelWeights
    from seollem.scoring.text_checkpoint import EMBEDDED
    from seollem.vision.classifier import TEXT_FOLDER, WEIGHTS

    LabelWeights.load()
    if settings.vision_model is None:
        _verify(WEIGHTS)
    if settings.text_model is None:
        _verify(EMBEDDED)
        _verify(WEIGHTS, below=f"{TEXT_FOLDER}/")
    others = [name for name in (settings.vision_model, settings.text_model) if name is not None]
    return f"unaltered, and {' and '.join(others)} in use" if others else "unaltered"


def _verify(folder: Path, below: str = "") -> None:
    from seollem.vision.checkpoints import FILE_NAME, verify_checksums
    from seollem.vision.errors import BrokenWeights

    if not (folder / FILE_NAME).is_file():
        raise BrokenWeights(f"{folder / FILE_NAME} is missing. Install Seollem again.")
    verify_checksums(folder, below=below)


def _selfie(settings: Settings) -> str:
    from seollem.bot.parts import load_analyzer
    from seollem.bot.terminal.tour import PORTRAITS

    analyzer = load_analyzer(settings)
    try:
        reading = analyzer.read((PORTRAITS / "astronaut.jpg").read_bytes())
    finally:
        analyzer.close()
    (label, share), *_ = reading.face.emotions.top(1).items()
    return f"{reading.model} reads {label} ({share:.0%}) in a portrait"


def _message(settings: Settings) -> str:
    from seollem.bot.parts import load_text
    from seollem.bot.wording.locales import text

    [reading] = load_text(settings).read([text("tour.message", "ko")])
    (label, p), *_ = reading.emotions.top(1).items()
    return f"{reading.model} reads {display_name(label, 'en')} ({p:.0%}) in a message"


def _database(settings: Settings) -> str:
    from seollem.db.engine import create_engine, migrate
    from seollem.db.urls import place_of

    async def open_and_migrate() -> str:
        engine = create_engine(settings.database_url)
        try:
            await migrate(engine)
        finally:
            await engine.dispose()
        return place_of(engine.url)

    return asyncio.run(open_and_migrate())
