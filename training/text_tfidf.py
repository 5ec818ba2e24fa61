"""What a message reader has to beat: TF-IDF of characters with logistic regression."""

import numpy as np
from numpy.typing import NDArray

from training.corpora import Labelled
from training.multilabel import best_thresholds

FOLDS = 5
PRIOR_ROWS = 100.0


def tfidf_probabilities(
    learned: Labelled, texts: tuple[str, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Probabilities (N, L) of some texts, and each label's threshold (L,).

    The thresholds come from the learned rows, each predicted by a model that did not see it.
    """
    from sklearn.feature_extraction.text import TfidfVectorizer  # the `train` extra
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_predict
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline

    pipeline = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(1, 4), min_df=2, sublinear_tf=True),
        OneVsRestClassifier(LogisticRegression(C=3.0, class_weight="balanced", max_iter=200)),
    )
    truth = learned.targets.astype(np.int64)
    unseen = cross_val_predict(pipeline, learned.texts, truth, cv=FOLDS, method="predict_proba")
    thresholds = best_thresholds(unseen.astype(np.float32), learned.targets, prior=PRIOR_ROWS)
    pipeline.fit(learned.texts, truth)
    return np.asarray(pipeline.predict_proba(texts), np.float32), thresholds
