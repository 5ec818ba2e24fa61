"""A finished run of text → the reader that ships: its tower as int8, its heads, its thresholds.

    python -m training text-export --run runs/text --texts data/texts \\
        --encoder vision/weights/text --out checkpoints/text

OUT is read by SEOLLEM_TEXT_MODEL. With ``--embedded FOLDER`` the tower is written there, for
``vision`` and ``scoring`` to share, and OUT says so. What was made with the tower that lay there
before is then to be made anew:

    python -m training export --run vision/weights --data data/fer2013.npz \\
        --encoder vision/weights/text --out vision/weights --name seollem-face-2
    python -m scoring build-weights
"""

import argparse
import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save_file

from seollem.scoring.emotions import KOTE
from seollem.scoring.text_checkpoint import HEADS_FILE, READER_FILE
from seollem.training.data.corpora import GOEMOTIONS, read_goemotions
from seollem.training.messages.calibrate import TextCalibration, calibrate_text
from seollem.training.messages.network import merge_adapters
from seollem.training.messages.run import MessageObjective, head_logits
from seollem.training.messages.train import load_run
from seollem.training.runs.folder import replacing
from seollem.training.towers.checkpoints import save_text_tower
from seollem.vision.checkpoints import FILE_NAME as CHECKSUMS_FILE
from seollem.vision.checkpoints import write_checksums
from seollem.vision.int8_bert import read_in_int8
from seollem.vision.text_tower import TextTower


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--run", type=Path, required=True, help="folder that text wrote")
    parser.add_argument("--texts", type=Path, required=True, help="folder of the corpora")
    parser.add_argument("--encoder", required=True, help="the encoder the run started from")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    parser.add_argument("--embedded", type=Path, help="folder for a tower that others share")
    parser.add_argument("--name", default="seollem-text-1", help="what readings call the model")


def main(args: argparse.Namespace) -> None:
    run = load_run(args.run, texts=args.texts, encoder=args.encoder).objective
    with (
        replacing(args.out) as out,
        replacing(args.embedded) if args.embedded else nullcontext(out) as tower_folder,
    ):
        merge_adapters(run.reader.tower)
        save_text_tower(run.reader.tower, tower_folder)
        heads = {name: tensor.half() for name, tensor in run.reader.heads.state_dict().items()}
        save_file(heads, out / HEADS_FILE)
        run.reader.to("cpu")  # where int8 is read
        run.reader.tower = TextTower.from_pretrained(tower_folder)
        read_in_int8(run.reader.tower.encoder)
        found = calibrate_run(run, args.texts)
        settings = {
            "name": args.name,
            "tower": "embedded" if args.embedded else "own",
            "heads": {
                name: {"labels": labels, **asdict(found[name])}
                for name, labels in (("kote", KOTE), ("goemotions", GOEMOTIONS))
            },
        }
        text = json.dumps(settings, ensure_ascii=False, indent=1)
        (out / READER_FILE).write_text(text + "\n", "utf-8")
    write_checksums(args.out)
    print(f"{args.out}: temperature {found['kote'].temperature}")
    if args.embedded:
        tell_neighbours(args.embedded)


def tell_neighbours(tower: Path) -> None:
    """Renew the checksums of the checkpoint that a shared tower is a part of, and say what follows.

    Without them it would refuse the tower as altered.
    """
    checkpoint = tower.absolute().parent
    if not (checkpoint / CHECKSUMS_FILE).is_file():
        return
    write_checksums(checkpoint)
    print(
        f"{checkpoint} has another text tower now. Make its vectors and the label weights anew:\n"
        f"    python -m training export --run {checkpoint} --data DATA --encoder {tower} "
        f"--out {checkpoint} --name NAME\n"
        "    python -m scoring build-weights"
    )


def calibrate_run(run: MessageObjective, texts: Path) -> dict[str, TextCalibration]:
    """As it reads: KOTE's on the held-out rows, GoEmotions' on its dev split in English."""
    kote = calibrate_text(head_logits(run.reader, run.held_out.texts), run.held_out.targets)
    dev = read_goemotions(texts, "dev")
    logits: NDArray[np.float32] = head_logits(run.reader, dev.left, "goemotions")
    return {"kote": kote, "goemotions": calibrate_text(logits, dev.targets)}
