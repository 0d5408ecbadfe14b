"""The hold on the program's process tree: what `hrsup.child` is made of."""
