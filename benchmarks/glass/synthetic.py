"""People whose real risk is known: 50 columns, of which 20 matter alone and four pairs together."""

import numpy as np
import pandas as pd

PAIRS = [(0, 21), (3, 40), (12, 25), (41, 46)]
COLUMNS = 50
ROWS = 200_000


def columns(rows, random):
    """Thirty measurements, some of them related; ten counts; ten flags."""
    common = random.normal(size=(rows, 1))
    measures = 0.8 * random.normal(size=(rows, 30)) + 0.6 * common * (np.arange(30) % 3 == 0)
    counts = random.poisson(np.exp(0.4 * random.normal(size=(rows, 10)) - 0.5))
    flags = random.random((rows, 10)) < np.linspace(0.05, 0.5, 10)
    return np.hstack([measures, counts, flags]).astype(np.float32)


def alone(x):
    """What each of twenty columns adds by itself."""
    bends = [np.tanh(1.5 * x[:, 0]), 0.4 * x[:, 1] ** 2, np.sin(2 * x[:, 2]), np.maximum(x[:, 3], 0), np.abs(x[:, 4])]
    bends += [0.4 * x[:, column] for column in range(5, 9)]
    bends += [(x[:, column] > 0.5).astype(float) * 0.5 for column in range(9, 12)]
    bends += [0.35 * np.log1p(x[:, column]) for column in range(30, 34)]
    bends += [0.5 * x[:, column] for column in range(40, 44)]
    return sum(bends)


def together(x):
    """What the four pairs add that neither column tells alone."""
    low, high = x[:, 0] > 0, x[:, 21] > 0
    product = x[:, 12] * x[:, 25]
    return 0.5 * np.where(low == high, 1, -1) + 0.9 * (x[:, 3] > 0.5) * x[:, 40] + 0.6 * product + x[:, 41] * x[:, 46]


def make(rows=ROWS, seed=1):
    """A frame (id, label, columns) for training, one for testing, and the real risks of the second."""
    random = np.random.default_rng(seed)
    x = columns(rows, random)
    log_odds = alone(x) + together(x)
    log_odds += np.log(0.12 / 0.88) - log_odds.mean() - 0.5
    risk = 1 / (1 + np.exp(-log_odds))
    frame = pd.DataFrame(x, columns=[f"x{column}" for column in range(COLUMNS)])
    frame.insert(0, "label", (random.random(rows) < risk).astype(np.int8))
    frame.insert(0, "id", np.arange(rows))
    cut = rows * 7 // 10
    return frame[:cut], frame[cut:], risk[cut:]
