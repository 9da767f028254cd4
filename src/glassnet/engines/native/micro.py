"""The innermost loop of a matrix product: a register tile of results while k runs.

    tile[i, j] (+)= Σ_k a[i·row + k·step] · panel[k, j]

The panel is packed (k, columns) and aligned; the left operand is read where it lies, its strides
being constants of the code. Results stay in registers from the first k to the last.
"""

from __future__ import annotations

from .ir import suffix, vector


def name(rows: int, vectors: int, lanes: int, kind: str, row: int, step: int) -> str:
    """The function's name: one per tile, type and strides."""
    return f"glassnet.tile.{rows}x{vectors}.{suffix(kind, lanes)}.{row}.{step}"


def write(rows: int, vectors: int, lanes: int, kind: str, row: int, step: int) -> tuple[str, str]:
    """The function's text and the declaration it needs."""
    wide, size = vector(kind, lanes), 4 if kind == "float" else 8
    full = name(rows, vectors, lanes, kind, row, step)
    fma = f"llvm.fma.{suffix(kind, lanes)}"
    tiles = [(i, j) for i in range(rows) for j in range(vectors)]
    out = [
        f"define internal void @{full}(ptr %a, ptr %panel, i64 %k, ptr %tile, i1 %resume) #0 {{",
        "entry:",
        "  br i1 %resume, label %load, label %start",
        "load:",
    ]
    for i, j in tiles:
        out.append(f"  %tp{i}.{j} = getelementptr {wide}, ptr %tile, i64 {i * vectors + j}")
        out.append(f"  %t{i}.{j} = load {wide}, ptr %tp{i}.{j}, align {size * lanes}")
    out += ["  br label %start", "start:"]
    for i, j in tiles:
        out.append(f"  %s{i}.{j} = phi {wide} [zeroinitializer, %entry], [%t{i}.{j}, %load]")
    out += ["  br label %loop", "loop:", "  %n = phi i64 [%k, %start], [%left, %loop]"]
    out.append("  %pa = phi ptr [%a, %start], [%na, %loop]")
    out.append("  %pb = phi ptr [%panel, %start], [%nb, %loop]")
    for i, j in tiles:
        out.append(f"  %c{i}.{j} = phi {wide} [%s{i}.{j}, %start], [%d{i}.{j}, %loop]")
    for j in range(vectors):
        out.append(f"  %bp{j} = getelementptr {wide}, ptr %pb, i64 {j}")
        out.append(f"  %b{j} = load {wide}, ptr %bp{j}, align {size * lanes}")
    for i in range(rows):
        out.append(f"  %ap{i} = getelementptr {kind}, ptr %pa, i64 {i * row}")
        out.append(f"  %as{i} = load {kind}, ptr %ap{i}, align {size}")
        out.append(f"  %ai{i} = insertelement {wide} poison, {kind} %as{i}, i64 0")
        splat = f"<{lanes} x i32> zeroinitializer"
        out.append(f"  %av{i} = shufflevector {wide} %ai{i}, {wide} poison, {splat}")
        for j in range(vectors):
            words = f"{wide} %av{i}, {wide} %b{j}, {wide} %c{i}.{j}"
            out.append(f"  %d{i}.{j} = call {wide} @{fma}({words})")
    out.append(f"  %na = getelementptr {kind}, ptr %pa, i64 {step}")
    out.append(f"  %nb = getelementptr {wide}, ptr %pb, i64 {vectors}")
    out += ["  %left = add nsw i64 %n, -1", "  %more = icmp ne i64 %left, 0"]
    out += ["  br i1 %more, label %loop, label %exit", "exit:"]
    for i, j in tiles:
        out.append(f"  %op{i}.{j} = getelementptr {wide}, ptr %tile, i64 {i * vectors + j}")
        out.append(f"  store {wide} %d{i}.{j}, ptr %op{i}.{j}, align {size * lanes}")
    out += ["  ret void", "}"]
    return "\n".join(out), f"declare {wide} @{fma}({wide}, {wide}, {wide})"
