"""A graph as text for other programs that draw graphs: GraphViz and Mermaid."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from .nodes import Node


def dot(nodes: list[Node], title: str, *, down: bool = False) -> str:
    r"""The graph in the language of GraphViz.

    Source: "The DOT Language", graphviz.org.

    >>> import glassnet as gn
    >>> from glassnet import view
    >>> x = gn.tensor(3.0, name="x", requires_grad=True)
    >>> print(view.graph(x * x).dot(), end="")
    digraph {
      label="Graph of 1 operation. x = 3. Result 9.";
      rankdir=LR;
      node [shape=box, style=rounded];
      "x" [label="x\n3", style="rounded,filled", fillcolor="#dcedf8"];
      "×" [label="×\n9"];
      "x" -> "×";
    }
    """
    names = _names(nodes, _speaking(nodes))
    lines = [
        f"label={_quoted(title)};",
        f"rankdir={_way(down)};",
        "node [shape=box, style=rounded];",
    ]
    for node in nodes:
        settings = [f"label={_quoted(*_words(node))}"]
        if node.is_leaf:
            settings += ['style="rounded,filled"', 'fillcolor="#dcedf8"']
        elif node.layer:
            settings.append("peripheries=2")
        if node.is_backward:
            settings.append('color="#b84c00"')
        lines.append(f"{names[node.value.index]} [{', '.join(settings)}];")
    lines += [f"{first} -> {last};" for first, last in _edges(nodes, names)]
    return "digraph {\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def mermaid(nodes: list[Node], *, down: bool = False) -> str:
    """The graph in the language of Mermaid.

    Source: "Flowcharts Syntax", mermaid.js.org.

    >>> import glassnet as gn
    >>> from glassnet import view
    >>> x = gn.tensor(3.0, name="x", requires_grad=True)
    >>> print(view.graph(x * x).mermaid(), end="")
    flowchart LR
      n0(["x<br>3"])
      n1["×<br>9"]
      n0 --> n1
    """
    names = _names(nodes, [f"n{place}" for place in range(len(nodes))])
    lines = []
    for node in nodes:
        label = '"' + "<br>".join(map(_entities, _words(node))) + '"'
        opening, closing = ("([", "])") if node.is_leaf else ("[[", "]]") if node.layer else "[]"
        lines.append(f"{names[node.value.index]}{opening}{label}{closing}")
    lines += [f"{first} --> {last}" for first, last in _edges(nodes, names)]
    return f"flowchart {_way(down)}\n" + "".join(f"  {line}\n" for line in lines)


def _speaking(nodes: list[Node]) -> list[str]:
    """A name for each box that says what it is, for viewers that show no labels."""
    seen: Counter[str] = Counter()
    names = []
    for node in nodes:
        plain = " ".join([node.label, *(node.notes[:1] if node.layer else ())])
        seen[plain] += 1
        names.append(_quoted(plain if seen[plain] == 1 else f"{plain} ({seen[plain]})"))
    return names


def _names(nodes: list[Node], own: list[str]) -> dict[int, str]:
    """The names of the boxes, by the values in them."""
    found = {}
    for node, name in zip(nodes, own, strict=True):
        for index in (node.value.index, *(node.layer.operations() if node.layer else ())):
            found[index] = name
    return found


def _edges(nodes: list[Node], names: Mapping[int, str]) -> Iterator[tuple[str, str]]:
    for node in nodes:
        sources = dict.fromkeys(names[source] for source in node.inputs)
        yield from ((source, names[node.value.index]) for source in sources)


def _words(node: Node) -> list[str]:
    gradient = f"grad {node.gradient}" if node.gradient else ""
    return [text for text in (node.label, *node.notes, node.number, gradient) if text]


def _quoted(*lines: str) -> str:
    escaped = (line.replace("\\", "\\\\").replace('"', '\\"') for line in lines)
    return '"' + "\\n".join(escaped).replace("\n", "\\n") + '"'


def _entities(text: str) -> str:
    """Mermaid's own escapes for the signs that mean something to it."""
    return "".join(f"#{ord(sign)};" if sign in '"#;<>&`[](){}|\\\n' else sign for sign in text)


def _way(down: bool) -> str:
    """Where arrows run, in the words that both languages have for it."""
    return "TB" if down else "LR"
