"""Cut a sentence encoder's vocabulary to the languages that are needed.

    seollem train cut --encoder intfloat/multilingual-e5-small --corpus texts.txt --out e5-cut

Keeps the special pieces, every piece with Hangul, and every piece that the corpora (UTF-8 text,
one sentence a line) are split into; the rest of the embedding matrix goes. What the corpora
consist of is then split into exactly the same pieces, by a file a third of the size.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, cast

import click
import torch
from safetensors import SafetensorError
from tokenizers import Tokenizer
from transformers import AutoConfig, AutoModel, PreTrainedModel

from seollem.cli.commands import PATH, Command, Several
from seollem.training.errors import CheckpointError, DataError
from seollem.training.runs.folder import replacing
from seollem.vision.checkpoints import local_folder

HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")


@click.command(cls=Command, help=__doc__)
@click.option("--encoder", required=True, help="a local folder, or a name on the hub")
@click.option("--corpus", cls=Several, type=PATH, required=True, help="text files")
@click.option("--out", type=PATH, required=True, help="folder to write")
def main(encoder: str, corpus: tuple[Path, ...], out: Path) -> None:
    model, settings = load_encoder(local_folder(encoder))
    before = len(settings["model"]["vocab"])
    kept = pieces_to_keep(settings, lines(corpus))
    cut_embeddings(model, kept)
    with replacing(out) as folder:
        model.half().save_pretrained(folder)
        text = json.dumps(cut_tokenizer(settings, kept), ensure_ascii=False)
        (folder / "tokenizer.json").write_text(text, "utf-8")
    print(f"{before} pieces → {len(kept)} in {out}")


def load_encoder(folder: Path) -> tuple[PreTrainedModel, dict[str, Any]]:
    """An encoder without its pooler, and the settings of its tokenizer.

    Raises:
        CheckpointError: files are missing or damaged, or of another architecture.
    """
    try:
        config = AutoConfig.from_pretrained(folder)
        encoder: PreTrainedModel = AutoModel.from_pretrained(
            folder, config=config, add_pooling_layer=False
        )
        settings: dict[str, Any] = json.loads((folder / "tokenizer.json").read_text("utf-8"))
        len(settings["model"]["vocab"])
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        raise CheckpointError(
            f"{folder} holds no sentence encoder that can be cut ({error}). It takes config.json, "
            "model.safetensors and tokenizer.json."
        ) from error
    return encoder, settings


def lines(corpora: Iterable[Path]) -> Iterable[str]:
    """The lines of some text files.

    Raises:
        DataError: a file is missing or not UTF-8.
    """
    for path in corpora:
        try:
            yield from path.read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise DataError(f"{path} is no readable UTF-8 text file ({error}).") from error


def pieces_to_keep(settings: dict[str, Any], corpus: Iterable[str]) -> list[int]:
    """Numbers of the pieces that stay: special ones first, then in the old order.

    Raises:
        CheckpointError: the tokenizer is not a Unigram model with the usual special pieces.
    """
    model = settings["model"]
    pieces = [piece for piece, _ in model["vocab"]] if model.get("type") == "Unigram" else []
    if not set(SPECIAL) <= set(pieces):
        raise CheckpointError("Only Unigram tokenizers with <s>, <pad>, </s>, <unk> can be cut.")
    tokenizer = Tokenizer.from_str(json.dumps(settings))
    used = {number for text in corpus for number in tokenizer.encode(text).ids}
    special = [pieces.index(piece) for piece in SPECIAL]
    rest = (
        number
        for number, piece in enumerate(pieces)
        if number not in special and (number in used or HANGUL.search(piece) or len(piece) == 1)
    )
    return [*special, *rest]


def cut_tokenizer(settings: dict[str, Any], kept: list[int]) -> dict[str, Any]:
    """The tokenizer's settings with the kept pieces only, renumbered in the order of ``kept``."""
    model = settings["model"]
    new = {old: number for number, old in enumerate(kept)}
    vocabulary = [model["vocab"][old] for old in kept]
    by_piece = {piece: number for number, (piece, _) in enumerate(vocabulary)}
    processor = json.loads(json.dumps(settings["post_processor"]))
    for token in (processor or {}).get("special_tokens", {}).values():
        token["ids"] = [by_piece[piece] for piece in token["tokens"]]
    return settings | {
        "model": model | {"vocab": vocabulary, "unk_id": new[model["unk_id"]]},
        "added_tokens": [
            token | {"id": by_piece[token["content"]]}
            for token in settings["added_tokens"]
            if token["content"] in by_piece
        ],
        "post_processor": processor,
    }


def cut_embeddings(encoder: PreTrainedModel, kept: list[int]) -> None:
    """Keep these rows of the word embeddings, in this order, in place."""
    embeddings = cast("torch.nn.Embedding", encoder.get_input_embeddings())
    pad = SPECIAL.index("<pad>")
    smaller = torch.nn.Embedding(len(kept), embeddings.embedding_dim, padding_idx=pad)
    smaller.weight.data = embeddings.weight.data[kept].clone()
    encoder.set_input_embeddings(smaller)
    encoder.config.vocab_size = len(kept)
    encoder.config.pad_token_id = pad
