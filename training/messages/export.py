"""A finished run of text → the reader that ships: its tower as int8, its heads, its thresholds.

    seollem train text-export --run runs/text --texts data/texts \\
        --encoder vision/weights/text --out checkpoints/text

OUT is read by SEOLLEM_TEXT_MODEL. With ``--embedded FOLDER`` the tower is written there, for
``vision`` and ``scoring`` to share, and OUT says so. What was made with the tower that lay there
before is then to be made anew:

    seollem train export --run vision/weights --data data/fer2013.npz \\
        --encoder vision/weights/text --out vision/weights --name seollem-face-2
    python -m scoring build-weights
"""

import json
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from safetensors.torch import save_file

from seollem.cli.commands import PATH, Command
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


@click.command(cls=Command, help=__doc__)
@click.option("--run", type=PATH, required=True, help="folder that text wrote")
@click.option("--texts", type=PATH, required=True, help="folder of the corpora")
@click.option("--encoder", required=True, help="the encoder the run started from")
@click.option("--out", type=PATH, required=True, help="folder to write")
@click.option("--embedded", type=PATH, help="folder for a tower that others share")
@click.option(
    "--name", default="seollem-text-1", show_default=True, help="what readings call the model"
)
def main(run: Path, texts: Path, encoder: str, out: Path, embedded: Path | None, name: str) -> None:
    objective = load_run(run, texts=texts, encoder=encoder).objective
    with (
        replacing(out) as folder,
        replacing(embedded) if embedded else nullcontext(folder) as tower_folder,
    ):
        merge_adapters(objective.reader.tower)
        save_text_tower(objective.reader.tower, tower_folder)
        heads = {
            name: tensor.half() for name, tensor in objective.reader.heads.state_dict().items()
        }
        save_file(heads, folder / HEADS_FILE)
        objective.reader.to("cpu")  # where int8 is read
        objective.reader.tower = TextTower.from_pretrained(tower_folder)
        read_in_int8(objective.reader.tower.encoder)
        found = calibrate_run(objective, texts)
        settings = {
            "name": name,
            "tower": "embedded" if embedded else "own",
            "heads": {
                name: {"labels": labels, **asdict(found[name])}
                for name, labels in (("kote", KOTE), ("goemotions", GOEMOTIONS))
            },
        }
        text = json.dumps(settings, ensure_ascii=False, indent=1)
        (folder / READER_FILE).write_text(text + "\n", "utf-8")
    write_checksums(out)
    print(f"{out}: temperature {found['kote'].temperature}")
    if embedded:
        tell_neighbours(embedded)


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
        f"    seollem train export --run {checkpoint} --data DATA --encoder {tower} "
        f"--out {checkpoint} --name NAME\n"
        "    python -m scoring build-weights"
    )


def calibrate_run(run: MessageObjective, texts: Path) -> dict[str, TextCalibration]:
    """As it reads: KOTE's on the held-out rows, GoEmotions' on its dev split in English."""
    kote = calibrate_text(head_logits(run.reader, run.held_out.texts), run.held_out.targets)
    dev = read_goemotions(texts, "dev")
    logits: NDArray[np.float32] = head_logits(run.reader, dev.left, "goemotions")
    return {"kote": kote, "goemotions": calibrate_text(logits, dev.targets)}
