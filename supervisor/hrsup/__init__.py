"""hrsup: runs a Python program and brings every saved edit into it in the cheapest way that it can show to be right."""

__version__ = "0.1.0"
