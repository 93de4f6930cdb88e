"""The house: rooms for what notebooks share, and above them a room for each notebook.

An import only goes down: publishing > the notebooks' rooms > playground > study > drawing >
evidence > information, removal > models > networks > names, files, paths. The notebooks' rooms
never import one another, so that a notebook can be taken away with its room; `make lint` holds
both.

    names, files, paths    words of the tables; files written whole; where things are
    networks               images, trained networks, training
    models                 Keras models of users: read, divided, copied, put together again
    information            what neurons know about the class, alone and together
    removal                orders, ablation, pruning, surgery: what happens without neurons
    evidence               R, intervals, the paper's claims and curves, verdicts
    drawing                the look of figures; pictures and tables that several notebooks show
    study                  what a run is: stages, their tables, parameters, sweeps
    playground             the page where a reader removes neurons, in a browser
    publishing             README's results, summaries, web pages

    notebook               room       what it computes, prints and draws
    01-train               train      experiment, tables, figures; calibration of the settings
    02-measure             measure    the three quantities
    03-ablate              ablate     ablation curves, one by one
    04-prune               prune      methods, repairs, costs
    05-bias-balance        balance    repairs against retraining
    06-verdict             verdict    the claims of `evidence.claims`, judged
    07-compare             compare    runs of sweeps side by side
    08-beyond              beyond     pairs, sets, joint orders; claims of our own
    09-convolution         convolution  the same questions of channels of convolutional networks
    appendix-mistakes      mistakes   four mistakes that are easily made

In a room, `experiment` has what the notebook computes or gathers, `tables` makes what it prints,
`figures` what it draws, `findings` the sentences that say what was found. A stage's place
in the study is in `study.stages`.
"""

import os
from pathlib import Path

# in place of a user's matplotlibrc, with which Matplotlib may not even be imported
os.environ["MATPLOTLIBRC"] = str(Path(__file__).parent / "drawing" / "study.mplstyle")
