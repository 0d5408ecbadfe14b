"""New workers without the time of their imports: a *worker image* has imported the third-party modules beforehand, and
a worker that the program starts is forked from it instead of being executed.

    coordinator ── fork_exec (stand-in of `children`) ── ask ──> worker image     `keeper`, `terms`     `image`
         │                                                            │ fork
         │                                                          middle ── ends at once
         │                                                            │ fork
         └── child, since the coordinator is a subreaper just then ── worker       `handover`

The image is one process, started like a worker (same interpreter, flags, environment, folder) while the program is at
rest. It imports what workers were seen to import with the process otherwise untouched, in their order, and takes it out
of ``sys.modules`` again; it runs no line of the user's. In a worker that was forked from it a module appears when it is
imported, if everything is as it was when the image imported it.

Whenever something is not exactly as expected, the worker is started as ever: by the coordinator, which calls the real
``fork_exec``, or by the forked worker, which executes its own command before it has read a byte. A module that may not
be handed over any more (see `handover`) makes the worker wait, and the supervisor starts the program again.
"""
