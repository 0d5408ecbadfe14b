"""The strategies: how a running program is brought up to date. Standard library only; nothing from ``hrsup``."""
