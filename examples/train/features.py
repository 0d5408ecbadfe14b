"""What the model gets to see."""

import numpy as np

TARGET = "cultivar"
BASE_COLUMNS = ["alcohol", "malic_acid", "ash", "magnesium", "color_intensity", "hue", "dilution", "proline"]


def add_ratios(wines, small=1e-6):
    wines = wines.copy()
    wines["phenol_ratio"] = wines["flavanoids"] / (wines["total_phenols"] + small)
    wines["acid_per_alcohol"] = wines["malic_acid"] / wines["alcohol"]
    wines["log_proline"] = np.log1p(wines["proline"])
    return wines


def build(wines, columns=BASE_COLUMNS):
    wines = add_ratios(wines)
    extra = ["phenol_ratio", "acid_per_alcohol", "log_proline"]
    return wines[list(columns) + extra], wines[TARGET]
