"""BENCHMARKS: every figure the README states, side by side with the peers, in one run.

    rows          what is trained: four networks, from tiny to wide
    material      one file a row: data, batches, initial weights, the same for everybody
    contestants   one file a contestant: the training step as an expert of that library writes it
    protocol      what runner and contestant say to each other, one line of JSON each
    worker        a contestant's process; process.py is the runner's end of it
    race          interleaved rounds: everybody else stands still while one is measured
    agreement     the losses of all, compared with a float64 reference: equal work
    costs         import time, install size, time to first step
    machine, peak what this machine is, and the most it can do
    steps         the four rows from start to finish
    recipes, accuracy             trainings from start to end, and how good they become
    matmul, scaling, whole_runs   the other figures
    table, picture, results       what is written

`scripts/bench --help` tells how to run it.
"""
