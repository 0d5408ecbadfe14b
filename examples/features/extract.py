"""The features of one recording. This is what the workers run."""

import numpy as np

from spectrum import dominant_frequency

WINDOW = 16


def read_signal(path):
    return np.loadtxt(path, delimiter=",", skiprows=1, usecols=1)


def rms(values):
    return float(np.sqrt(np.mean(values**2)))


def features_of(path):
    values = read_signal(path)
    trimmed = values[WINDOW:-WINDOW]
    return {
        "name": path.stem,
        "rms": round(rms(trimmed), 4),
        "peak": round(float(np.abs(trimmed).max()), 4),
        "crossings": int((np.diff(np.sign(trimmed)) != 0).sum()),
        "frequency": round(dominant_frequency(trimmed), 4),
    }
