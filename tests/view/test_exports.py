from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

import glassnet as gn
from glassnet import nn, view
from glassnet.view.graph import GraphPicture

NASTY = 'a"b\\c<d>&[e]|#;`{}\nf'

# The language of GraphViz, as far as it is used here: one statement a line.
DOT_ID = r'(?:[A-Za-z_]\w*|\d+|"(?:[^"\\]|\\.)*")'
DOT_SETTING = rf"{DOT_ID}={DOT_ID}"
DOT_LINE = re.compile(
    rf"  (?:{DOT_SETTING}|{DOT_ID} -> {DOT_ID}|{DOT_ID} \[{DOT_SETTING}(?:, {DOT_SETTING})*\]);"
)
LABEL = r'"(?:[^"#;<>&`\[\](){}|\\]|#\d+;|<br>)*"'
MERMAID_LINE = re.compile(
    rf"  (?:n\d+ --> n\d+|n\d+(?:\[{LABEL}\]|\(\[{LABEL}\]\)|\[\[{LABEL}\]\]))"
)


def pictures(worked_example: gn.Tensor) -> list[GraphPicture]:
    nasty = gn.tensor(1.0, name=NASTY, requires_grad=True)
    layers = nn.Sequential(nn.Linear(2, 3), nn.Tanh(), nn.Linear(3, 1))
    return [
        view.graph(worked_example),
        view.graph(nasty * nasty),
        view.graph(layers, (1, 2), depth=1),
    ]


def test_graphviz(worked_example: gn.Tensor) -> None:
    for picture in pictures(worked_example):
        first, *lines, last = picture.dot().splitlines()
        assert (first, last) == ("digraph {", "}")
        assert [line for line in lines if not DOT_LINE.fullmatch(line)] == []
        named = re.findall(rf"^  ({DOT_ID}) \[", picture.dot(), re.MULTILINE)
        named.remove("node")
        assert len(set(named)) == len(named) == picture.boxes
        pairs = re.findall(rf"({DOT_ID}) -> ({DOT_ID});", picture.dot())
        assert {end for pair in pairs for end in pair} <= set(named)
        program = shutil.which("dot")
        if program:
            subprocess.run([program, "-Tplain"], input=picture.dot(), text=True, check=True)


def test_mermaid(worked_example: gn.Tensor) -> None:
    for picture in pictures(worked_example):
        first, *lines = picture.mermaid().splitlines()
        assert first == "flowchart LR"
        assert [line for line in lines if not MERMAID_LINE.fullmatch(line)] == []


@pytest.mark.parametrize("form", ["dot", "mermaid"])
def test_the_arrows_are_those_of_the_graph(worked_example: gn.Tensor, form: str) -> None:
    text = getattr(view.graph(worked_example), form)()
    name = r'(n\d+|"[^"\n]+")'
    labels = dict(re.findall(rf'{name}[(\[ ]+(?:label=)?"(.+?)(?:\\n|<br>)', text))
    arrows = re.findall(rf"{name} --?> {name}", text)
    assert len(arrows) == 10
    assert ("w", "×") in [(labels[a], labels[b]) for a, b in arrows]
    assert "grad 16" in text


def test_saved_by_the_name(worked_example: gn.Tensor, tmp_path: Path) -> None:
    picture = view.graph(worked_example)
    assert picture.save(tmp_path / "g.dot").read_text(encoding="utf-8") == picture.dot()
    assert picture.save(tmp_path / "g.mmd").read_text(encoding="utf-8") == picture.mermaid()
