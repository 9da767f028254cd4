"""The innermost loop of a matrix product: a register tile of results while k runs.

    tile[i, j] (+)= Σ_k a[i·row + k·step] · panel[k, j]

The panel is packed (k, columns) and aligned; the left operand's strides are constants of the code.
Results stay in registers from the first k to the last. In the first rounds, lines of memory that
will be needed right after are fetched, so that nobody waits for them: one row of one array each
round where there are enough rounds, for that is what the memory can deliver beside the arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass

from .axis import Axis
from .ir import LINE, Function, Value, suffix, vector

FETCH = "llvm.prefetch.p0"
FOR_WRITING = "i32 1, i32 2"  # to be written, and into the second-level cache


@dataclass(frozen=True, slots=True)
class Micro:
    """One such loop as a function; all of it is a constant of the code."""

    rows: int
    vectors: int
    lanes: int
    kind: str
    row: int
    step: int
    fetches: tuple[int, ...] = ()  # of each array to fetch: the bytes from row to row
    together: int = 1  # so many arrays are fetched in one round
    runs: Axis | None = None  # how the left operand's k goes on, where one step does not lead on
    depth: int = 0  # k per call, if it goes in runs: whole ones, or a part of one

    @property
    def name(self) -> str:
        words = [f"{self.rows}x{self.vectors}", suffix(self.kind, self.lanes), self.row, self.step]
        words += [f"f{stride}" for stride in self.fetches] + [self.together] * bool(self.fetches)
        if self.runs:
            words += [f"{length}by{stride}" for length, stride in self.runs.loops] + [self.depth]
        return "glassnet.tile." + ".".join(map(str, words))

    @property
    def wide(self) -> str:
        return vector(self.kind, self.lanes)

    @property
    def size(self) -> int:
        return 4 if self.kind == "float" else 8

    @property
    def tiles(self) -> list[tuple[int, int]]:
        return [(i, j) for i in range(self.rows) for j in range(self.vectors)]

    def declarations(self) -> set[str]:
        """What the function's text needs."""
        wide = self.wide
        needed = {
            f"declare {wide} @llvm.fma.{suffix(self.kind, self.lanes)}({wide}, {wide}, {wide})"
        }
        if self.fetches:
            needed.add(f"declare void @{FETCH}(ptr, i32, i32, i32)")
        return needed

    def text(self) -> str:
        """The function."""
        arguments = "ptr %a, ptr %panel, i64 %k, ptr %tile, i1 %resume"
        arguments += "".join(f", ptr %f{n}" for n in range(len(self.fetches)))
        arguments += ", i64 %run" * bool(self.runs)
        out = [f"define internal void @{self.name}({arguments}) #0 {{", "entry:"]
        out += ["  br i1 %resume, label %load, label %start", "load:"]
        wide, align = self.wide, self.size * self.lanes
        for i, j in self.tiles:
            out.append(
                f"  %tp{i}.{j} = getelementptr {wide}, ptr %tile, i64 {i * self.vectors + j}"
            )
            out.append(f"  %t{i}.{j} = load {wide}, ptr %tp{i}.{j}, align {align}")
        out += ["  br label %start", "start:"]
        for i, j in self.tiles:
            out.append(
                f"  %start.d{i}.{j} = phi {wide} [zeroinitializer, %entry], [%t{i}.{j}, %load]"
            )
        last, loops = self._phases() if self.runs is None else self._all_runs(self.runs)
        out += [*loops, "exit:"]
        for i, j in self.tiles:
            out.append(
                f"  %op{i}.{j} = getelementptr {wide}, ptr %tile, i64 {i * self.vectors + j}"
            )
            out.append(f"  store {wide} %{last}.d{i}.{j}, ptr %op{i}.{j}, align {align}")
        return "\n".join([*out, "  ret void", "}"])

    def _phases(self) -> tuple[str, list[str]]:
        """First the rounds that fetch, then the others; the last loop's name, and the lines."""
        arrays = list(range(len(self.fetches)))
        groups = [arrays[n : n + self.together] for n in arrays[:: self.together]]
        out = [f"  %rest = sub i64 %k, {len(groups) * self.rows}", "  br label %loop0"]
        before = "start"
        for n, group in enumerate(groups):
            out += self._loop(f"loop{n}", f"loop{n + 1}", before, str(self.rows), group)
            before = f"loop{n}"
        last = f"loop{len(groups)}"
        return last, [*out, *self._loop(last, "exit", before, "%rest", [])]

    def _all_runs(self, axis: Axis) -> tuple[str, list[str]]:
        """A loop over the runs of k around the loop over one of them."""
        inner = Function()
        away = axis.start(inner, Value("%outer.run", "i64", 0, 0))
        whole = self.depth % axis.run == 0
        out = ["  br label %outer", "outer:"]
        out.append("  %outer.run = phi i64 [%run, %start], [%latch.run, %latch]")
        out.append("  %outer.k = phi i64 [%k, %start], [%latch.k, %latch]")
        out.append("  %outer.nb = phi ptr [%panel, %start], [%loop.nb, %latch]")
        for i, j in self.tiles:
            sources = f"[%start.d{i}.{j}, %start], [%loop.d{i}.{j}, %latch]"
            out.append(f"  %outer.d{i}.{j} = phi {self.wide} {sources}")
        out += inner.levels[0].lines
        out += [f"  %outer.na = getelementptr {self.kind}, ptr %a, {away}", "  br label %loop"]
        out += self._loop("loop", "latch", "outer", str(axis.run) if whole else "%outer.k", [])
        out += ["latch:", "  %latch.run = add i64 %outer.run, 1"]
        out += [f"  %latch.k = sub i64 %outer.k, {axis.run}"]
        out += ["  %latch.more = icmp sgt i64 %latch.k, 0"]
        return "loop", [*out, "  br i1 %latch.more, label %outer, label %exit"]

    def _loop(
        self, name: str, leave: str, previous: str, rounds: str, fetched: list[int]
    ) -> list[str]:
        """So many k, one after the other; at each a row of these arrays is fetched."""
        wide, kind = self.wide, self.kind
        first = previous == "start"
        a, panel = ("%a", "%panel") if first else (f"%{previous}.na", f"%{previous}.nb")
        head, here = f"%{previous}", f"%{name}"
        out = [f"{name}:", f"  {here}.n = phi i64 [{rounds}, {head}], [{here}.left, {here}]"]
        out.append(f"  {here}.pa = phi ptr [{a}, {head}], [{here}.na, {here}]")
        out.append(f"  {here}.pb = phi ptr [{panel}, {head}], [{here}.nb, {here}]")
        for array in fetched:
            start = f"[%f{array}, {head}]"
            out.append(f"  {here}.pf{array} = phi ptr {start}, [{here}.nf{array}, {here}]")
        for i, j in self.tiles:
            before, after = f"[{head}.d{i}.{j}, {head}]", f"[{here}.d{i}.{j}, {here}]"
            out.append(f"  {here}.c{i}.{j} = phi {wide} {before}, {after}")
        for array in fetched:
            # The last byte of each line's worth: the tile before has fetched the first.
            for offset in range(LINE - 1, self.vectors * self.lanes * self.size, LINE):
                line = f"{here}.fp{array}.{offset}"
                out.append(f"  {line} = getelementptr i8, ptr {here}.pf{array}, i64 {offset}")
                out.append(f"  call void @{FETCH}(ptr {line}, {FOR_WRITING}, i32 1)")
            step = f"ptr {here}.pf{array}, i64 {self.fetches[array]}"
            out.append(f"  {here}.nf{array} = getelementptr i8, {step}")
        for j in range(self.vectors):
            out.append(f"  {here}.bp{j} = getelementptr {wide}, ptr {here}.pb, i64 {j}")
            out.append(
                f"  {here}.b{j} = load {wide}, ptr {here}.bp{j}, align {self.size * self.lanes}"
            )
        for i in range(self.rows):
            out += self._row(here, i)
        out.append(f"  {here}.na = getelementptr {kind}, ptr {here}.pa, i64 {self.step}")
        out.append(f"  {here}.nb = getelementptr {wide}, ptr {here}.pb, i64 {self.vectors}")
        out += [f"  {here}.left = add nsw i64 {here}.n, -1"]
        out += [f"  {here}.more = icmp ne i64 {here}.left, 0"]
        return [*out, f"  br i1 {here}.more, label {here}, label %{leave}"]

    def _row(self, here: str, i: int) -> list[str]:
        """One number of the left operand times every vector of the panel."""
        wide, kind = self.wide, self.kind
        splat = f"<{self.lanes} x i32> zeroinitializer"
        out = [
            f"  {here}.ap{i} = getelementptr {kind}, ptr {here}.pa, i64 {i * self.row}",
            f"  {here}.as{i} = load {kind}, ptr {here}.ap{i}, align {self.size}",
            f"  {here}.ai{i} = insertelement {wide} poison, {kind} {here}.as{i}, i64 0",
            f"  {here}.av{i} = shufflevector {wide} {here}.ai{i}, {wide} poison, {splat}",
        ]
        fma = f"llvm.fma.{suffix(kind, self.lanes)}"
        for j in range(self.vectors):
            words = f"{wide} {here}.av{i}, {wide} {here}.b{j}, {wide} {here}.c{i}.{j}"
            out.append(f"  {here}.d{i}.{j} = call {wide} @{fma}({words})")
        return out


def together(rows: int, k: int, fetches: tuple[int, ...]) -> int:
    """How many arrays to fetch in one round, so that all are fetched before k ends."""
    phases = max(1, (k - 1) // rows)
    return max(1, -(-len(fetches) // phases))
