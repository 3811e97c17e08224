"""How good risks are, and how sure it is that one model ranks better than another."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import average_precision_score, brier_score_loss, log_loss, roc_auc_score

BINS = 20


def judge(labels, risks):
    log_odds = np.log(risks / (1 - risks)).reshape(-1, 1)
    slope = LogisticRegression(C=1e9).fit(log_odds, labels).coef_[0, 0]
    error = bin_error(labels, risks)
    perfect = [bin_error(np.random.default_rng(seed).random(len(risks)) < risks, risks) for seed in range(200)]
    return {
        "auroc": round(roc_auc_score(labels, risks), 5),
        "auprc": round(average_precision_score(labels, risks), 5),
        "log_loss": round(log_loss(labels, risks), 5),
        "brier": round(brier_score_loss(labels, risks), 5),
        "calibration_slope": round(float(slope), 4),
        "bin_error": round(error, 5),
        "bin_error_of_the_perfect_95": round(float(np.quantile(perfect, 0.95)), 5),
    }


def bin_error(labels, risks):
    """Mean absolute difference of observed rate and mean risk in bins of equal size."""
    cut = pd.qcut(risks, BINS, labels=False, duplicates="drop")
    means = pd.DataFrame({"label": labels, "risk": risks}).groupby(cut).mean()
    return float((means.label - means.risk).abs().mean())


def compare(labels, ours, theirs, times=500):
    """Our AUROC less theirs, with its 95% interval by a bootstrap of the same rows for both."""
    labels, ours, theirs = map(np.asarray, (labels, ours, theirs))
    random = np.random.default_rng(1)
    found = []
    for _ in range(times):
        rows = random.integers(0, len(labels), len(labels))
        found.append(roc_auc_score(labels[rows], ours[rows]) - roc_auc_score(labels[rows], theirs[rows]))
    low, high = np.quantile(found, [0.025, 0.975])
    difference = roc_auc_score(labels, ours) - roc_auc_score(labels, theirs)
    return {"difference": round(difference, 5), "low": round(float(low), 5), "high": round(float(high), 5)}
