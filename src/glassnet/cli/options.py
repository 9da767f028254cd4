"""The options of `glassnet train`, and what other commands share with it or with each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[
    str,
    typer.Argument(
        metavar="DATA",
        help="digits, mnist, fashion-mnist, iris, spiral, moons, circles, xor, gaussians, hills or "
        "plane; a table (.csv, .tsv, .parquet), arrays (.npz), a text (.txt); a folder with a "
        "folder of images for each class, or of IDX files.",
        show_default=False,
    ),
]
Target = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN",
        help="Of a table: the column to learn; the last by default.",
        show_default=False,
        rich_help_panel="Data",
    ),
]
Leave = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMNS",
        help="Of a table: columns to leave out, such as id,name.",
        show_default=False,
        rich_help_panel="Data",
    ),
]
Missing = Annotated[
    str | None,
    typer.Option(
        metavar="WAY",
        help="Of a table: fill missing cells, drop their rows, or error (the default).",
        show_default=False,
        rich_help_panel="Data",
    ),
]
Size = Annotated[
    str | None,
    typer.Option(
        metavar="H,W",
        help="Of images: the size to bring them to, such as 28,28.",
        show_default=False,
        rich_help_panel="Data",
    ),
]
Length = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Of a text: characters that the network sees at once; 64 by default.",
        show_default=False,
        rich_help_panel="Data",
    ),
]
Network = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="mlp, lenet, cnn, resnet or gpt; by default the one that suits the data.",
        show_default=False,
        rich_help_panel="Network",
    ),
]
Hidden = Annotated[
    str | None,
    typer.Option(
        metavar="WIDTHS",
        help="Units of each hidden layer, such as 64,32; none for no layer.",
        show_default=False,
        rich_help_panel="Network",
    ),
]
Activation = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="Between layers: tanh, relu, sigmoid, gelu, …",
        show_default=False,
        rich_help_panel="Network",
    ),
]
Method = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="adam, adamw, sgd, rmsprop, adagrad, lion.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Rate = Annotated[
    float | None,
    typer.Option(
        metavar="RATE",
        help="Learning rate at the start; it falls to 0 along a cosine.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Epochs = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Passes over the data.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Batch = Annotated[
    int | None,
    typer.Option(
        metavar="ROWS",
        help="Rows a step; 0 for all of them (full-batch descent).",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Trained = Annotated[
    Path,
    typer.Argument(
        metavar="RUN",
        help="A run folder, or a model file saved from a run.",
        show_default=False,
    ),
]
Patience = Annotated[
    int | None,
    typer.Option(
        metavar="N",
        help="Ends after so many epochs without a better one on the data held out.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
KeepBest = Annotated[
    bool | None,
    typer.Option(
        "--keep-best/--keep-last",
        help="Whether the network ends as it was after its best epoch, or after its last.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Averaged = Annotated[
    float | None,
    typer.Option(
        metavar="DECAY",
        help="Judge and keep a running mean of the weights, such as 0.999.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Resumed = Annotated[
    Path | None,
    typer.Option(
        metavar="FOLDER",
        help="Write the training down here every minute; the same command goes on from there.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Measured = Annotated[
    bool,
    typer.Option(
        "--statistics",
        help="Measure weights, gradients, updates and activations, for the report.",
        rich_help_panel="Training",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        metavar="N",
        help="Of data, split, network and batches: same seed, same numbers.",
        rich_help_panel="Training",
    ),
]
Engine = Annotated[
    str | None,
    typer.Option(
        metavar="NAME",
        help="What computes the steps.",
        show_default=False,
        rich_help_panel="Training",
    ),
]
Folder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        "-o",
        metavar="FOLDER",
        help="Where the run goes: model, history, report. By default a new folder in runs/.",
        show_default=False,
        rich_help_panel="Output",
    ),
]
