"""What every compiled program brings along, as IR.

The run over many steps, the gathering of batches, and the barrier at which the threads meet.

The caller hands `run` one table of 64-bit words (`HEADER`); in it the address of a pair (address,
stride per step) for each of its arrays, and of seven words (`BATCH`) for each batch. A `chain` is
several runs in a row, of one program or of two: their number, then function and header of each.
"""

from __future__ import annotations

from .target import Target

HEADER = ("first", "steps", "table", "arena", "scratch", "sync", "flag", "batches", "batch_table")
BATCH = ("target", "source", "rows", "indices", "count", "row_bytes", "stride")
STEP = (
    "ptr %table, ptr %arena, ptr %panel, ptr %tile, ptr %left, ptr %sync, ptr %flag, "
    "i64 %thread, i64 %step"
)


def needed(target: Target) -> set[str]:
    """The declarations that the text of `runtime` needs."""
    return {
        "declare void @llvm.memcpy.p0.p0.i64(ptr, ptr, i64, i1)",
        "declare void @llvm.prefetch.p0(ptr, i32, i32, i32)",
        "declare i64 @llvm.umin.i64(i64, i64)",
        "declare i32 @sched_yield()",
        pause(target)[1],
    }


def write_run(threads: int, scratch: int, panel: int, tile: int) -> str:
    """`@run1` or `@runN`, with so many bytes of scratch for each thread."""
    meet = f"call void @barrier(ptr %sync, i32 {threads})" if threads > 1 else ""
    words = {"scratch": scratch, "panel": panel, "tile": tile, "meet": meet}
    run = _RUN.format(n=threads, step=STEP, batch=8 * len(BATCH), **words)
    return f"{_GATHER.format(threads=threads)}\n\n{run}"


def pause(target: Target) -> tuple[str, str]:
    """The instruction that tells the processor that it waits, and its declaration."""
    if target.triple.startswith(("x86", "i686")):
        name = "llvm.x86.sse2.pause"
        return f"call void @{name}()", f"declare void @{name}()"
    if target.triple.startswith(("aarch64", "arm64")):
        name = "llvm.aarch64.hint"
        return f"call void @{name}(i32 1)", f"declare void @{name}(i32)"
    return "call i32 @sched_yield()", "declare i32 @sched_yield()"


BARRIER = """define internal void @barrier(ptr %sync, i32 %threads) #0 {{
entry:
  %generation = getelementptr i8, ptr %sync, i64 64
  %now = load atomic i32, ptr %generation acquire, align 4
  %before = atomicrmw add ptr %sync, i32 1 acq_rel, align 4
  %arrived = add i32 %before, 1
  %last = icmp eq i32 %arrived, %threads
  br i1 %last, label %open, label %spin
open:
  store atomic i32 0, ptr %sync release, align 4
  %old = atomicrmw add ptr %generation, i32 1 release, align 4
  ret void
spin:
  %round = phi i32 [0, %entry], [%next, %again]
  %seen = load atomic i32, ptr %generation acquire, align 4
  %done = icmp ne i32 %seen, %now
  br i1 %done, label %leave, label %wait
wait:
  %patient = icmp ult i32 %round, 2000
  br i1 %patient, label %pause, label %yield
pause:
  {pause}
  br label %again
yield:
  %ignored = call i32 @sched_yield()
  br label %again
again:
  %next = add i32 %round, 1
  br label %spin
leave:
  ret void
}}"""

CHAIN = """define void @chain(ptr %pieces, i64 %thread) #0 {
entry:
  %count = load i64, ptr %pieces, align 8
  br label %loop
loop:
  %piece = phi i64 [0, %entry], [%next, %loop]
  %pair = shl i64 %piece, 1
  %before = getelementptr i64, ptr %pieces, i64 %pair
  %p1 = getelementptr i64, ptr %before, i64 1
  %run = load ptr, ptr %p1, align 8
  %p2 = getelementptr i64, ptr %before, i64 2
  %header = load ptr, ptr %p2, align 8
  call void %run(ptr %header, i64 %thread)
  %next = add i64 %piece, 1
  %more = icmp ult i64 %next, %count
  br i1 %more, label %loop, label %exit
exit:
  ret void
}"""

_GATHER = """define internal void @gather{threads}(
  ptr %batch, i64 %thread, i64 %step, ptr %flag) #0 {{
entry:
  %target = load ptr, ptr %batch, align 8
  %p1 = getelementptr i64, ptr %batch, i64 1
  %source = load ptr, ptr %p1, align 8
  %p2 = getelementptr i64, ptr %batch, i64 2
  %rows = load i64, ptr %p2, align 8
  %p3 = getelementptr i64, ptr %batch, i64 3
  %all = load ptr, ptr %p3, align 8
  %p4 = getelementptr i64, ptr %batch, i64 4
  %count = load i64, ptr %p4, align 8
  %p5 = getelementptr i64, ptr %batch, i64 5
  %bytes = load i64, ptr %p5, align 8
  %p6 = getelementptr i64, ptr %batch, i64 6
  %stride = load i64, ptr %p6, align 8
  %skip = mul i64 %step, %count
  %indices = getelementptr i64, ptr %all, i64 %skip
  %scaled = mul i64 %count, %thread
  %begin = udiv i64 %scaled, {threads}
  %scaled2 = add i64 %scaled, %count
  %end = udiv i64 %scaled2, {threads}
  %some = icmp ult i64 %begin, %end
  br i1 %some, label %loop, label %exit
loop:
  %i = phi i64 [%begin, %entry], [%n, %copied]
  %ip = getelementptr i64, ptr %indices, i64 %i
  %wanted = load i64, ptr %ip, align 8
  %outside = icmp uge i64 %wanted, %rows
  br i1 %outside, label %bad, label %good
bad:
  store i32 1, ptr %flag, align 4
  br label %good
good:
  %row = select i1 %outside, i64 0, i64 %wanted
  %from = mul i64 %row, %stride
  %to = mul i64 %i, %bytes
  %sp = getelementptr i8, ptr %source, i64 %from
  %tp = getelementptr i8, ptr %target, i64 %to
  switch i64 %bytes, label %many [ i64 4, label %four i64 8, label %eight ]
four:
  %v4 = load i32, ptr %sp, align 1
  store i32 %v4, ptr %tp, align 1
  br label %copied
eight:
  %v8 = load i64, ptr %sp, align 1
  store i64 %v8, ptr %tp, align 1
  br label %copied
many:
  %after = add i64 %i, 1
  %another = icmp ult i64 %after, %end
  br i1 %another, label %ahead, label %copy
ahead:
  %ap = getelementptr i64, ptr %indices, i64 %after
  %coming = load i64, ptr %ap, align 8
  %far = mul i64 %coming, %stride
  %cp = getelementptr i8, ptr %source, i64 %far
  %most = call i64 @llvm.umin.i64(i64 %bytes, i64 4096)
  br label %fetch
fetch:
  %line = phi i64 [0, %ahead], [%line2, %fetch]
  %lp = getelementptr i8, ptr %cp, i64 %line
  call void @llvm.prefetch.p0(ptr %lp, i32 0, i32 3, i32 1)
  %line2 = add i64 %line, 64
  %unfetched = icmp ult i64 %line2, %most
  br i1 %unfetched, label %fetch, label %copy
copy:
  call void @llvm.memcpy.p0.p0.i64(ptr %tp, ptr %sp, i64 %bytes, i1 0)
  br label %copied
copied:
  %n = add i64 %i, 1
  %more = icmp ult i64 %n, %end
  br i1 %more, label %loop, label %exit
exit:
  ret void
}}"""

_RUN = """define void @run{n}(ptr %header, i64 %thread) #0 {{
entry:
  %h1 = getelementptr i64, ptr %header, i64 1
  %h2 = getelementptr i64, ptr %header, i64 2
  %h3 = getelementptr i64, ptr %header, i64 3
  %h4 = getelementptr i64, ptr %header, i64 4
  %h5 = getelementptr i64, ptr %header, i64 5
  %h6 = getelementptr i64, ptr %header, i64 6
  %h7 = getelementptr i64, ptr %header, i64 7
  %h8 = getelementptr i64, ptr %header, i64 8
  %first = load i64, ptr %header, align 8
  %steps = load i64, ptr %h1, align 8
  %table = load ptr, ptr %h2, align 8
  %arena = load ptr, ptr %h3, align 8
  %all = load ptr, ptr %h4, align 8
  %sync = load ptr, ptr %h5, align 8
  %flag = load ptr, ptr %h6, align 8
  %batches = load i64, ptr %h7, align 8
  %batch.table = load ptr, ptr %h8, align 8
  %last = add i64 %first, %steps
  %mine = mul i64 %thread, {scratch}
  %panel = getelementptr i8, ptr %all, i64 %mine
  %tile = getelementptr i8, ptr %panel, i64 {panel}
  %left = getelementptr i8, ptr %tile, i64 {tile}
  br label %loop
loop:
  %step = phi i64 [%first, %entry], [%next, %stepped]
  %any = icmp ne i64 %batches, 0
  br i1 %any, label %batch, label %ready
batch:
  %b = phi i64 [0, %loop], [%b1, %batch]
  %offset = mul i64 %b, {batch}
  %descriptor = getelementptr i8, ptr %batch.table, i64 %offset
  call void @gather{n}(ptr %descriptor, i64 %thread, i64 %step, ptr %flag)
  %b1 = add i64 %b, 1
  %undone = icmp ult i64 %b1, %batches
  br i1 %undone, label %batch, label %gathered
gathered:
  {meet}
  br label %ready
ready:
  call void @step{n}({step})
  {meet}
  br label %stepped
stepped:
  %next = add i64 %step, 1
  %more = icmp ult i64 %next, %last
  br i1 %more, label %loop, label %exit
exit:
  ret void
}}"""
