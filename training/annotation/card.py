"""The data card of the granular data set, made from its files."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

from seollem.scoring.emotions import display_name
from seollem.training.annotation.dataset import Annotations
from seollem.training.annotation.schema import BOX
from seollem.training.annotation.worker import ABSTENTIONS, INCONCLUSIVE, SMALL, UNSURE
from seollem.training.files.disk import replacing_file

SIZES = {1_000: "n<1K", 10_000: "1K<n<10K", 100_000: "10K<n<100K", 1_000_000: "100K<n<1M"}
DETECTOR = "BlazeFace, full and short range, of MediaPipe 0.10.21 (Apache-2.0)"
LIMITS = """\
- A label is a model's estimate of what people would say a face shows. It is not what the person
  felt, and nobody has looked at a row unless `reviewed` says so. Do not use the rows to judge,
  hire, test or watch anybody.
- The model learnt from small grey faces that were mostly posed or found by emotion words, not a
  fair sample of ages, genders and skin tones; errors by group were not measured.
- Emotions beyond the eight of `expression` were never labelled by people on faces. Their
  probabilities come from how a sentence encoder places their names: a ranking to look at more than
  a measurement.
- Whoever has photographs of people needs their consent, or another lawful ground, for this too."""
LICENCE = """\
Seollem and its models (MIT and Apache-2.0, see their NOTICE) lay no claim to what they write. The
licences of the photographs, and the rights of the people in them, go on to apply."""


def write_card(annotations: Annotations, folder: Path, others: int | None = None) -> None:
    """Write README.md for Hugging Face and for people.

    Args:
        others: files that were no pictures by their names, where that was counted.

    Raises:
        DataError: the disk does not take it.
    """
    rows = annotations.rows(["label", "abstained", "reviewed", "corrected"])
    record = annotations.record
    skipped = {reason: len(places) for reason, places in annotations.skipped.places.items()}
    parts = [
        _front_matter(record, len(rows)),
        f"# Faces labelled with {len(record['labels'])} emotions",
        _counts(rows, skipped, others),
        "## How it was made\n\n" + _method(record),
        "## Columns\n\n" + _columns(record),
        "## Labels\n\n" + _table(rows, record["labels"]),
        "## Limits\n\n" + LIMITS,
        "## Licence\n\n" + LICENCE,
    ]
    with replacing_file(folder / "README.md") as partial:
        partial.write_text("\n\n".join(parts) + "\n", "utf-8")


def _front_matter(record: dict[str, Any], n: int) -> str:
    size = next((name for limit, name in SIZES.items() if n < limit), "1M<n<10M")
    languages = ["ko"] if any("가" <= c <= "힣" for c in "".join(record["labels"])) else ["en"]
    return "\n".join(
        (
            "---",
            "license: other",
            "license_name: as-the-photographs",
            "task_categories: [image-classification]",
            "annotations_creators: [machine-generated]",
            f"language: [{', '.join(languages)}]",
            f"size_categories: [{size}]",
            "tags: [emotion, face, zero-shot]",
            "configs:",
            "- config_name: default",
            "  data_files: data/*.parquet",
            "---",
        )
    )


def _counts(rows: list[dict[str, Any]], skipped: dict[str, int], others: int | None) -> str:
    reasons = Counter(row["abstained"] for row in rows)
    reviewed = [row for row in rows if row["reviewed"]]
    agreed = sum(row["corrected"] is not None and row["corrected"] == row["label"] for row in rows)
    lines = [f"faces: {len(rows):,}", f"with a label: {reasons[None]:,}"]
    lines += [f"without a label, {why}: {reasons[why]:,}" for why in ABSTENTIONS if reasons[why]]
    lines += [f"photographs left out, {why}: {count:,}" for why, count in skipped.items()]
    if others:
        lines.append(f"files that are no pictures by their names: {others:,}")
    lines.append(f"faces that people reviewed: {len(reviewed):,}")
    if reviewed:
        lines.append(f"labels that they confirmed: {agreed:,}")
    return "\n".join(f"- {line}" for line in lines)


def _method(record: dict[str, Any]) -> str:
    crop = record["crop_size"]
    calibration = record["calibration"]
    lines = [
        f"Command: `{_command(record)}`.",
        f"Detector: {DETECTOR}. Faces are turned level, framed as the training faces were, and "
        f"reduced to {crop} × {crop} pixels; a face and its mirror image are averaged.",
        f"Model: {record['model']}, its weights of SHA-256 {record['weights']}. `expression` is "
        "its calibrated reading over the eight emotions it was trained on (temperature and priors "
        "chosen on validation faces; see its model card). `probabilities` are over the labels of "
        "this set.",
    ]
    if calibration:
        lines.append(
            "They were calibrated on FER-2013's validation faces (logit scale "
            f"{calibration['scale']:.3f} and an offset for each label) against a silver standard: "
            "which emotions Korean comments name together with those that FERPlus annotators saw. "
            "An answer counts as right when it is among the five likeliest by that standard."
        )
    else:
        lines.append(
            "Their sharpness is carried over from the eight trained emotions; it was not "
            "calibrated for these labels."
        )
    lines.append(_thresholds(record))
    return "\n\n".join(lines)


def _thresholds(record: dict[str, Any]) -> str:
    calibration = record["calibration"]
    lines = [
        "A face has no label, and `abstained` says why, when it is",
        "",
        f"- {SMALL}: its box is narrower than {record['crop_size']} pixels",
        f"- {INCONCLUSIVE}: no emotion of `expression` reaches {record['conclusive_at']:g}",
    ]
    if calibration:
        lines.append(
            f"- {UNSURE}: `confidence` is below {calibration['abstain_below']:.3f}. "
            f"{calibration['test_kept']:.0%} of FER-2013's test faces reach that, and "
            f"{calibration['test_right']:.0%} of their answers are right by the silver standard"
        )
    return "\n".join(lines)


def _columns(record: dict[str, Any]) -> str:
    lines = [
        "| column | |",
        "|---|---|",
        "| image, sha256 | path within the folder of photographs, and hash of the file |",
        "| face | 0 is the largest of its photograph |",
        f"| box | {', '.join(BOX)} in pixels of the upright photograph |",
        "| score | the detector's, in [0, 1] |",
        "| label, confidence | the most probable label, none where abstained; its probability |",
        "| abstained | why there is no label |",
        "| probabilities | label → probability, summing to 1 |",
        "| expression | the same over the eight trained emotions |",
        "| reviewed, corrected | whether a person looked, and the label the person gave, if any |",
    ]
    if record["crops"]:
        lines.append("| crop | the face's pixels as PNG |")
    return "\n".join(lines)


def _table(rows: list[dict[str, Any]], labels: list[str]) -> str:
    given = Counter(row["label"] for row in rows)
    corrected = Counter(row["corrected"] for row in rows)
    lines = ["| label | in English | given | by people |", "|---|---|---:|---:|"]
    for label in sorted(labels, key=lambda label: -given[label]):
        lines.append(
            f"| {_cell(label)} | {_cell(display_name(label, 'en'))} | {given[label]:,} "
            f"| {corrected[label]:,} |"
        )
    return "\n".join(lines)


def _command(record: dict[str, Any]) -> str:
    labels: str = record["vocabulary"]
    if " " in labels:
        labels = json.dumps(",".join(record["labels"]), ensure_ascii=False)
    model = f" --model {record['checkpoint']}" if record["checkpoint"] else ""
    crops = " --crops" if record["crops"] else ""
    return f"seollem train annotate IMAGES --labels {labels}{model}{crops} --out DATA"


def _cell(text: str) -> str:
    """Text in a cell of Markdown."""
    return text.replace("|", "\\|")
