"""The numbers that change most often."""

SHIPPING = 4.9
FREE_SHIPPING = 50.0
