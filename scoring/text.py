"""TextEmotionClassifier: messages → emotions, in Korean and English.

    classifier = TextEmotionClassifier.from_pretrained()
    classifier.read(["오늘 너 만나서 너무 설레고 행복했어"])[0].present    # ("기쁨", "행복", …)

Laughter is not taken at face value. Where somebody laughs (ㅋㅋ, haha, 😂), the words alone are
read as well; where those hold hostility (anger, hatred, contempt …), they are what counts: ㅋㅋ
after an insult makes it no kinder.
"""

from collections.abc import Sequence
from pathlib import Path

import torch

from seollem.scoring.readings import MessageReading
from seollem.scoring.text_checkpoint import TextCheckpoint, load_checkpoint
from seollem.scoring.wording import is_readable, tidy, without_laughter
from seollem.vision.readings import Emotions

BATCH = 32  # messages a forward pass
NONE = "없음"
HOSTILE = frozenset(
    {"화남/분노", "증오/혐오", "짜증", "한심함", "우쭐댐/무시함", "역겨움/징그러움"}
)


class TextEmotionClassifier:
    """Reads messages. Safe to call from several threads.

    Attributes:
        model_id: what readings call the model.
        labels: the emotions it tells apart, KOTE's 44 for the embedded one.
        thresholds: least probability at which each of them counts as present.
    """

    def __init__(self, checkpoint: TextCheckpoint) -> None:
        self._checkpoint = checkpoint
        self.model_id = checkpoint.name
        self.labels = checkpoint.labels
        self.thresholds = checkpoint.thresholds

    @classmethod
    def from_pretrained(
        cls, model: str | Path | None = None, *, threads: int | None = None
    ) -> "TextEmotionClassifier":
        """Load the embedded reader, a local folder, or a checkpoint of the hub by name.

        Args:
            threads: torch's thread count, for the whole process; None leaves it as it is.

        Raises:
            BrokenWeights: see ``seollem.scoring.text_checkpoint``.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        return cls(load_checkpoint(model))

    def read(self, messages: Sequence[str]) -> tuple[MessageReading, ...]:
        """Read messages, in batches of about one length each.

        Any string is welcome. One with nothing in it to read (blank, of unseen characters, mostly
        in another script than Hangul or Latin) gets the neutral reading: 없음 with probability 1,
        the rest 0, not conclusive. Of a long one, the beginning is read: 1,000 characters, or 128
        tokens.
        """
        texts = [tidy(message) for message in messages]
        words = [without_laughter(text) for text in texts]
        sentences = {text for text in texts if is_readable(text)}
        sentences |= {word for word in words if word}
        # what is read together shares a rounding, so it is always the same that is
        read = self._probabilities(sorted(sentences, key=lambda text: (len(text), text)))
        return tuple(
            self._reading(self._at_face_value_or_not(read.get(text), read.get(word or "")))
            for text, word in zip(texts, words, strict=True)
        )

    def _probabilities(self, sentences: Sequence[str]) -> dict[str, Emotions]:
        read: dict[str, Emotions] = {}
        for start in range(0, len(sentences), BATCH):
            batch = sentences[start : start + BATCH]
            rows = self._checkpoint.logits(batch).double().sigmoid().tolist()
            for sentence, row in zip(batch, rows, strict=True):
                read[sentence] = Emotions(self.labels, tuple(row))
        return read

    def _at_face_value_or_not(
        self, whole: Emotions | None, words: Emotions | None
    ) -> Emotions | None:
        if whole is None or words is None:
            return whole
        is_hostile = any(label in HOSTILE for label in self._present(words))
        return words if is_hostile else whole

    def _present(self, emotions: Emotions) -> tuple[str, ...]:
        found = [
            label
            for (label, p), threshold in zip(emotions.items(), self.thresholds, strict=True)
            if p >= threshold
        ]
        return tuple(sorted(found, key=lambda label: -emotions[label]))

    def _reading(self, emotions: Emotions | None) -> MessageReading:
        if emotions is None:
            neutral = Emotions(self.labels, tuple(float(name == NONE) for name in self.labels))
            return MessageReading(neutral, (), is_conclusive=False, model=self.model_id)
        present = self._present(emotions)
        return MessageReading(
            emotions, present, is_conclusive=bool(set(present) - {NONE}), model=self.model_id
        )
