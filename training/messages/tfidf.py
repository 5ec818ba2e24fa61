"""TF-IDF of characters with logistic regression: what a message reader has to beat, and to hear.

The words that it goes by are not the meanings that an encoder goes by, so that the two together
are right more often than either.
"""

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

from seollem.training.data.corpora import Labelled
from seollem.training.errors import MissingExtra
from seollem.training.measure.multilabel import best_thresholds

FOLDS = 5
PRIOR_ROWS = 100.0
STRENGTH = 3.0  # C: the inverse of the regression's regularisation

Predict = Callable[[tuple[str, ...]], NDArray[np.float32]]


def require_tfidf() -> None:
    """See to it that what learns it is installed.

    Raises:
        MissingExtra: it is not.
    """
    if find_spec("sklearn") is None:
        raise MissingExtra("TF-IDF needs scikit-learn: pip install 'seollem[train]'")


def fit_tfidf(learned: Labelled) -> Predict:
    """Learn some rows; N texts → probabilities (N, L).

    Raises:
        MissingExtra: scikit-learn is not installed.
    """
    require_tfidf()
    from sklearn.dummy import DummyClassifier
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression

    words = TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True)
    seen = words.fit_transform(learned.texts)
    models = []
    for column in (learned.targets > 0.5).T:
        varies = 0 < column.sum() < len(column)
        model = LogisticRegression(C=STRENGTH, solver="liblinear") if varies else DummyClassifier()
        models.append(model.fit(seen, column))

    def predict(texts: tuple[str, ...]) -> NDArray[np.float32]:
        features = words.transform(texts)
        columns = [
            model.predict_proba(features)[:, -1] * (True in model.classes_) for model in models
        ]
        return np.stack(columns, axis=1).astype(np.float32)

    return predict


def tfidf_thresholds(learned: Labelled) -> NDArray[np.float64]:
    """Each label's threshold (L,), from rows that were each predicted without having been seen."""
    fold = np.arange(len(learned)) % FOLDS
    unseen = np.empty_like(learned.targets)
    for number in range(FOLDS):
        others, own = np.flatnonzero(fold != number), np.flatnonzero(fold == number)
        unseen[own] = fit_tfidf(learned.rows(others))(learned.rows(own).texts)
    return best_thresholds(unseen, learned.targets, prior=PRIOR_ROWS)
