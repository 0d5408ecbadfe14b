"""What the program uses, as the agent sees it: user modules (`loader`), files and processes (`files`).

Runs in the user's process. Both report over the link as it happens; neither changes what the program does.
"""
