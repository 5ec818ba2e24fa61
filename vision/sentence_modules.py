"""How a sentence-transformers checkpoint makes one vector of a sentence (Reimers & Gurevych 2019).

Its ``modules.json`` lists a Transformer, a Pooling with a config of its own (``1_Pooling``), and
often a Normalize, which a text tower does anyway.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seollem.vision.errors import BrokenWeights

LISTING = "modules.json"
SETTINGS = "config_sentence_transformers.json"
KNOWN = {"Transformer", "Pooling", "Normalize"}
# By name in newer configs and as a switch in older ones. Dividing a sum over tokens by the root of
# their number gives, once of unit length, the same vector as the mean.
POOLING = {
    "mean": "mean",
    "mean_sqrt_len_tokens": "mean",
    "cls": "cls",
    "pooling_mode_mean_tokens": "mean",
    "pooling_mode_mean_sqrt_len_tokens": "mean",
    "pooling_mode_cls_token": "cls",
}


@dataclass(frozen=True, slots=True)
class SentenceModules:
    """Where the encoder lies, how its tokens become one vector, what stands before a sentence.

    Attributes:
        folder: holds config.json and the weights.
        pooling: "mean" over the tokens, or the first token, "cls".
        prefix: put before every sentence.
    """

    folder: Path
    pooling: str = "mean"
    prefix: str = ""


def read_modules(folder: Path) -> SentenceModules:
    """What a checkpoint says of itself; a plain Transformers one says nothing, and is pooled mean.

    Raises:
        BrokenWeights: the listing is damaged, or asks for modules or a pooling that are not read.
    """
    if not (folder / LISTING).is_file():
        return SentenceModules(folder)
    try:
        listing = _json(folder, LISTING)
        modules = {str(module["type"]).rpartition(".")[2]: module["path"] for module in listing}
        encoder = folder / modules["Transformer"]
        pooling = _json(folder / modules["Pooling"], "config.json")
        prompts = _json(folder, SETTINGS) if (folder / SETTINGS).is_file() else {}
        prefix = str((prompts.get("prompts") or {}).get(prompts.get("default_prompt_name"), ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenWeights(
            f"{folder / LISTING} and the files it names are no sentence-transformers checkpoint "
            f"({type(error).__name__}: {error}). Download it whole."
        ) from error
    if others := set(modules) - KNOWN:
        raise BrokenWeights(f"{folder} has modules that are not read: {', '.join(sorted(others))}.")
    return SentenceModules(encoder, _pooling(pooling, folder), prefix)


def _json(folder: Path, name: str) -> Any:
    return json.loads((folder / name).read_text("utf-8"))


def _pooling(config: Any, folder: Path) -> str:
    switches = [key for key, value in config.items() if key.startswith("pooling_mode_") and value]
    asked = [config["pooling_mode"]] if "pooling_mode" in config else switches
    if len(asked) != 1 or asked[0] not in POOLING:
        raise BrokenWeights(
            f"{folder} pools its tokens by {asked or 'nothing'}; mean and cls are what is read."
        )
    return POOLING[asked[0]]
