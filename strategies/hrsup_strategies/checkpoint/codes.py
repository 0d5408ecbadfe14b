"""Why a layer is not taken, or not gone back to. Runs everywhere; one sentence for each stable code."""

from __future__ import annotations

CODES = {
    "HR310": "A thread is running, which a fork would not take along.",
    "HR311": "The program has child processes, which a fork would not take along.",
    "HR312": "The program has written something, which a continuation would not write again.",
    "HR313": "The program has had an effect outside itself, which a continuation would not have again.",
    "HR314": "A file, socket or device is open, whose position or state would be shared with the continuation.",
    "HR315": "A timer is running or a signal is waiting, which a fork would not take along.",
    "HR316": "A function of the program is running.",
    "HR317": "The program has already asked for the time, a random number, its process id or the state of a file.",
    "HR318": "The program has read from its standard input, which cannot be read again.",
    "HR319": "Native threads or libraries of the program do not survive a fork.",
    "HR320": "The program handles SIGCHLD and would notice the snapshot.",
    "HR321": "Memory is shared with other processes.",
    "HR322": "The system does not allow a further process.",
    "HR324": "The state of the process could not be examined.",
    "HR323": "The program has put another object in the place of its standard output.",
}
