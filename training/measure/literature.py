"""Published figures of zero-shot classifiers, for comparison; they were not measured here."""

from collections.abc import Iterator

from seollem.training.measure.figures import Figure, Row

# Of Zhao et al., "Enhancing zero-shot facial expression recognition by LLM knowledge transfer",
# WACV 2025: data set, classifier, accuracy (WAR), UAR.
PUBLISHED = (
    ("FER-2013", "CLIP ViT-B/32", 0.409, 0.359),
    ("FERPlus", "CLIP ViT-B/32", 0.361, 0.339),
    ("FERPlus", "Exp-CLIP ViT-B/32", 0.378, 0.370),
)


def literature_rows() -> Iterator[Row]:
    """Rows without intervals, marked as literature."""
    for data, classifier, accuracy, uar in PUBLISHED:
        figures = {"accuracy": Figure.exact(accuracy), "UAR": Figure.exact(uar)}
        yield Row(data, f"{classifier} (literature: Zhao et al. 2025)", None, figures)
