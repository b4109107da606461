#!/usr/bin/env python3
"""Writes the seeds of every fuzz target: make_seeds.py FOLDER.

What a fuzzer once found stands beside this file, in found/TARGET/, and is copied to the seeds.
"""
import gzip
import json
import pathlib
import shutil
import sqlite3
import sys

KERNEL = {"ph": "X", "cat": "kernel", "name": "void gemm<64>(int)", "ts": 1000, "dur": 5,
          "args": {"device": 0, "stream": 7, "correlation": 1, "grid": [4, 6, 1], "block": [128, 2, 1]}}


def kernel(name, ts, stream, correlation):
    arguments = {**KERNEL["args"], "stream": stream, "correlation": correlation}
    return {**KERNEL, "name": name, "ts": ts, "args": arguments}


def launch(i):
    return {"ph": "X", "cat": "cuda_runtime", "name": "cudaLaunchKernel", "tid": 1, "ts": 990 + 5 * i,
            "dur": 3, "args": {"correlation": i}}


TRACE = {
    "schemaVersion": 1, "deviceProperties": [{"id": 0, "name": "NVIDIA H800", "numSms": 132}],
    "traceEvents": [
        KERNEL, kernel("rows", 1010.125, 7, 2), kernel("nccl_all", 1000, 9, 3),
        {"ph": "X", "cat": "gpu_memcpy", "name": "Memcpy", "ts": 1030, "dur": 1, "args": {"bytes": 64}},
        {"ph": "X", "cat": "user_annotation", "name": "a", "tid": 1, "ts": 900, "dur": 200},
        launch(1), launch(2), launch(3),
        {"ph": "X", "cat": "cpu_op", "name": "mm", "ts": 1, "dur": 1, "args": {"Input Dims": [[1, 2], []]}},
        {"ph": "s", "id": 1, "cat": "ac2g", "ts": 1}, {"ph": "M", "name": "n", "args": {"name": "python"}}]}
RECORD = {
    "schema": 1, "family": "dense_gemm_fp8", "op": "o_proj", "shape": {"m": 4096, "n": 7168, "k": 16384},
    "dtype": {"a": "e4m3"}, "layout": "x", "includes": ["product", "quantise"],
    "device": {"name": "NVIDIA H800", "sms": 132, "mig": False, "memory_mhz": 2619.5},
    "impl": {"library": "cuBLASLt", "version": "13.1", "sms": 112},
    "method": {"mode": "cold", "l2": "cold", "data": "random"},
    "time_us": {"n": 20, "min": 880, "p10": 881.5, "median": 885, "p90": 890, "max": 1e3},
    "work": {"flop": 9.6e11}, "company": {"kind": "partly", "communication": 0.5},
    "state": {"sentinel": True},
    "quality": {"ok": True},
    "source": {"kind": "measured", "origin": "a", "date": "2025-02-27"}, "libraries": {"os": "d"}}
RULES = {
    "about": "x", "source": {"origin": "o", "date": "2025-02-27"}, "device": {"name": "GPU", "sms": 132},
    "method": {"mode": "trace"}, "communication": ["nccl"],
    "kernels": [{"kernel": "gemm<(\\d+)>", "family": "dense_gemm_fp8", "library": "l",
                 "dtype": {"a": "e4m3"}, "each": [{
                           "op": "q", "range": "a", "nth": [1, 2], "grid": [2, 56], "includes": ["product"],
                           "shape": {"m": "2 * (grid_x + $1)", "n": "m / 2", "k": 7}, "flop": "2 * m",
                           "sms": 3, "remember": {"r": "grid_y"}}]}],
    "rows": [{"where": {"a": "b"}, "family": "routing", "op": "{a}", "library": "l", "time_us": "t / 1e3"}]}
TABLE = "# c\nsource,op,m,n,t,library\n\"a, \"\"b\"\"\",x,2,8,5000,l\nb,y,1,1,,\nc,x,3,2,7,\r\n"
SQL = """
CREATE TABLE StringIds (id INTEGER PRIMARY KEY, value TEXT);
INSERT INTO StringIds VALUES (1, 'gemm<64>'), (2, 'rows'), (3, 'cudaLaunchKernel'), (4, 'a');
CREATE TABLE CUPTI_ACTIVITY_KIND_KERNEL (start, end, deviceId, streamId, correlationId, globalPid,
  demangledName, gridX, gridY, gridZ, blockX, blockY, blockZ);
INSERT INTO CUPTI_ACTIVITY_KIND_KERNEL VALUES (1000, 2000, 0, 7, 1, 16777216, 1, 4, 6, 1, 128, 2, 1),
  (3000, 4000, 0, 7, 2, 16777216, 2, 4, 6, 1, 128, 2, 1);
CREATE TABLE CUPTI_ACTIVITY_KIND_RUNTIME (start, end, correlationId, globalTid, nameId);
INSERT INTO CUPTI_ACTIVITY_KIND_RUNTIME VALUES (900, 910, 1, 16777217, 3), (950, 960, 2, 16777217, 3);
CREATE TABLE NVTX_EVENTS (start, end, eventType, text, textId, globalTid);
INSERT INTO NVTX_EVENTS VALUES (800, 970, 59, NULL, 4, 16777217);
CREATE TABLE TARGET_INFO_GPU (name, smCount, totalMemory);
INSERT INTO TARGET_INFO_GPU VALUES ('GPU', 132, 80);
"""


def database(statements):
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA page_size = 512")
    connection.executescript(statements)
    return connection.serialize() if hasattr(connection, "serialize") else b""


def seeds():
    trace = json.dumps(TRACE).encode()
    yield "kineto/trace", trace
    yield "kineto/list", json.dumps(TRACE["traceEvents"], indent=1).encode()
    yield "kineto/empty", b""
    yield "kineto/deep", b'{"traceEvents": ' + b"[" * 80
    yield "kineto/not_a_number", trace.replace(b"1010.125", b"NaN")
    yield "kineto/not_utf8", trace.replace(b"nccl_all", b"nccl\xff\x00")
    huge = trace.replace(b"1010.125", b"1e308")
    yield "kineto/huge_numbers", huge.replace(b": 990", b": 9" + b"9" * 20)
    yield "gzip/trace", gzip.compress(trace, mtime=0)
    yield "gzip/plain", trace
    yield "gzip/two_members", gzip.compress(trace[:300], mtime=0) + gzip.compress(trace[300:], mtime=0)
    yield "nsys/export", database(SQL)
    yield "nsys/view", database("CREATE TABLE StringIds (id, value);"
                                "CREATE VIEW CUPTI_ACTIVITY_KIND_KERNEL AS SELECT 1 AS start;")
    yield "csv/table", TABLE.encode()
    yield "csv/quotes", b'source,op,m,n,t,library\n"'
    yield "rules/rules", json.dumps(RULES).encode()
    yield "rules/brackets", json.dumps(RULES).replace("m / 2", "(" * 50).encode()
    yield "records/record", (json.dumps(RECORD) + "\n" + json.dumps(RECORD) + "\n").encode()
    yield "records/broken", b'{"schema": 1}\n[\n\x00\n'


def main(folder):
    found = pathlib.Path(__file__).parent / "found"
    for name, content in seeds():
        path = pathlib.Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    for path in sorted(found.glob("*/*")):
        shutil.copy(path, pathlib.Path(folder) / path.parent.name / path.name)


main(sys.argv[1])
