"""The agent: the part of hrsup that lives in the user's process.

Standard library only, few imports, no names in the user's namespace. It runs the program as plain ``python`` would,
observes what it uses, and performs what the supervisor asks for.
"""
