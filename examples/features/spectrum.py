"""Where in the spectrum the energy is."""

import numpy as np

SAMPLE_RATE = 100.0


def dominant_frequency(values, rate=SAMPLE_RATE):
    power = np.abs(np.fft.rfft(values - values.mean())) ** 2
    return float(np.fft.rfftfreq(len(values), 1 / rate)[power.argmax()])
