"""The research bench: how often, and how fast, is each strategy right? Runs in processes of its own, around hrsup."""
