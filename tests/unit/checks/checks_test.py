#!/usr/bin/env python3
"""Do tools/check_modules and tools/check_style catch what they say? One small wrong tree a case."""
import importlib.machinery
import importlib.util
import pathlib
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.dont_write_bytecode = True

LIST = """\
tideline_module(base
  SOURCES a.cpp)

tideline_module(config  # tideline_module(nothing)
  USES base)

tideline_module(fleet
  USES base)
"""
HEADER = "// What it is.\n#pragma once\n"
GOOD = {"sim/CMakeLists.txt": LIST, "sim/base/a.cpp": '#include "sim/base/a.h"\n', "sim/base/a.h": HEADER}


def load(name):
    loader = importlib.machinery.SourceFileLoader(name, str(ROOT / "tools" / name))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def breaches(check, files):
    """What the check says of a tree with these files: a list of 'file:line: rule'."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in files.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(text.encode("utf-8", "surrogateescape"))
        return [f"{file}:{line}: {rule}" for file, line, rule, _ in check(root)]


MODULES = [
    ("a good tree", {}, []),
    ("a module that uses a later one",
     {"sim/CMakeLists.txt": LIST.replace("a.cpp)", "a.cpp\n  USES fleet)")}, ["sim/CMakeLists.txt:1: order"]),
    ("a module that uses an unknown one",
     {"sim/CMakeLists.txt": LIST.replace("USES base)\n\n", "USES basis)\n\n")}, ["sim/CMakeLists.txt:4: order"]),
    ("a source that is listed and missing",
     {"sim/CMakeLists.txt": LIST.replace("a.cpp", "a.cpp b.cpp")}, ["sim/CMakeLists.txt:1: sources"]),
    ("a source that no list names", {"sim/fleet/b.cpp": "\n"}, ["sim/fleet/b.cpp:1: sources"]),
    ("an include outside USES",
     {"sim/fleet/b.h": '#include "sim/config/c.h"\n', "sim/config/c.h": HEADER}, ["sim/fleet/b.h:1: uses"]),
    ("an include against the data's order",
     {"sim/base/b.h": '\n#include "sim/fleet/c.h"\n', "sim/fleet/c.h": HEADER}, ["sim/base/b.h:2: uses"]),
    ("the library including a tool",
     {"sim/fleet/b.h": '#include "tools/t.h"\n', "tools/t.h": HEADER}, ["sim/fleet/b.h:1: uses"]),
    ("a folder that is no module", {"sim/odd/b.h": '#include "sim/base/a.h"\n'}, ["sim/odd/b.h:1: uses"]),
    ("an include relative to its own folder", {"sim/base/b.h": '#include "a.h"\n'},
     ["sim/base/b.h:1: path", "sim/base/b.h:1: uses"]),
    ("an include in angle brackets", {"sim/base/b.h": "#include <sim/base/a.h>\n"}, ["sim/base/b.h:1: path"]),
    ("an include of nothing", {"tools/t.cpp": '#include "sim/base/z.h"\n'}, ["tools/t.cpp:1: path"]),
    ("JSON outside its door", {"sim/fleet/b.h": "#include <nlohmann/json.hpp>\n"}, ["sim/fleet/b.h:1: door"]),
    ("JSON at its door", {"sim/config/b.h": "#include <nlohmann/json.hpp>\n"}, []),
    ("JSON beside its door", {"sim/config_b.h": "#include <nlohmann/json.hpp>\n"}, ["sim/config_b.h:1: door"]),
    ("graphs outside their door", {"calib/b.h": "#include <boost/graph/graph_traits.hpp>\n"}, ["calib/b.h:1: door"]),
    ("another part of Boost", {"calib/b.h": "#include <boost/math/tools/roots.hpp>\n"}, []),
    ("matrices outside their door", {"sim/fleet/b.h": "#include <Eigen/Dense>\n"}, ["sim/fleet/b.h:1: door"]),
    ("matrices in the fit", {"calib/fit/b.h": "#include <Eigen/Dense>\n"}, []),
    ("a command line in the library", {"sim/base/b.h": "#include <CLI/CLI.hpp>\n"}, ["sim/base/b.h:1: door"]),
    ("a test framework in a tool", {"tools/b.h": "#include <doctest/doctest.h>\n"}, ["tools/b.h:1: door"]),
    ("anything in a test", {"tests/b.h": "#include <CLI/CLI.hpp>\n#include <nlohmann/json.hpp>\n"}, []),
    ("a standard distribution",
     {"sim/base/b.h": "\nstd::normal_distribution<> d;\n"}, ["sim/base/b.h:2: determinism"]),
    ("entropy", {"sim/base/b.h": "std::random_device d;\n"}, ["sim/base/b.h:1: determinism"]),
    ("C's generator", {"sim/base/b.h": "int i = rand();\n"}, ["sim/base/b.h:1: determinism"]),
    ("the wall clock", {"sim/base/b.h": "auto t = system_clock::now();\n"}, ["sim/base/b.h:1: determinism"]),
    ("the wall clock in a tool", {"tools/b.h": "auto t = std::chrono::system_clock::now();\n"}, []),
    ("forbidden words in comments, text and names",
     {"sim/base/b.h": '// rand()\n/* system_clock\n */ const char* s = "rand()"; int operand(int brand);\n'}, []),
    ("a forbidden word after a comment of two lines",
     {"sim/base/b.h": "/* a\n*/\nrand();\n"}, ["sim/base/b.h:3: determinism"]),
    ("an unordered container where events are decided",
     {"sim/fleet/b.h": "#include <unordered_map>\n"}, ["sim/fleet/b.h:1: unordered"]),
    ("an unordered container elsewhere", {"sim/config/b.h": "#include <unordered_map>\n"}, []),
    ("a glob", {"tools/CMakeLists.txt": "# file(GLOB a)\nfile( GLOB_RECURSE a *.cpp)\n"},
     ["tools/CMakeLists.txt:2: glob"]),
    ("a glob in a CMake module", {"tools/cmake/x.cmake": "file(GLOB a *)\n"}, ["tools/cmake/x.cmake:1: glob"]),
]

STYLE = [
    ("a good tree", {}, []),
    ("a line of 110 characters, in any alphabet", {"sim/b.cpp": "//" + "é" * 108 + "\n"}, []),
    ("a line of 111 characters", {"sim/b.cpp": "\n//" + "x" * 109 + "\n"}, ["sim/b.cpp:2: length"]),
    ("a long line in a table", {"README.md": "x" * 200 + "\n"}, []),
    ("a long line in a script without a suffix", {"tools/b": "#!/bin/sh\n" + "x" * 111 + "\n"}, ["tools/b:2: length"]),
    ("a tab", {"sim/b.cpp": "\tint i;\n"}, ["sim/b.cpp:1: tab"]),
    ("a tab in JSON", {"models/b.json": "{\n\t}\n"}, ["models/b.json:2: tab"]),
    ("a blank at the end of a line", {"sim/b.cpp": "int i; \n"}, ["sim/b.cpp:1: blank"]),
    ("no newline at the end", {"sim/b.cpp": "\nint i;"}, ["sim/b.cpp:2: newline"]),
    ("two newlines at the end", {"sim/b.cpp": "int i;\n\n"}, ["sim/b.cpp:2: newline"]),
    ("text that is not UTF-8", {"sim/b.cpp": "\udcff"}, ["sim/b.cpp:1: newline"]),
    ("a header that begins without a comment", {"sim/b.h": "#pragma once\n"}, ["sim/b.h:1: header"]),
    ("a header that can be included twice", {"sim/b.h": "// What it is.\n"}, ["sim/b.h:1: header"]),
    ("400 lines", {"calib/b.cpp": "\n" * 399 + "//\n"}, []),
    ("401 lines", {"calib/b.cpp": "\n" * 400 + "//\n"}, ["calib/b.cpp:401: size"]),
    ("a long test", {"tests/b.cpp": "\n" * 400 + "//\n"}, []),
    ("work left for later", {"sim/b.cpp": "// TODO: more\n"}, ["sim/b.cpp:1: later"]),
    ("a broken thing kept", {"README.md": "\nFIXME\n"}, ["README.md:2: later"]),
    ("a path of one machine", {"scenarios/b.json": '{"a": "/home/me/a"}\n'}, ["scenarios/b.json:1: place"]),
    ("paths of every machine", {"tools/b.sh": "/usr/bin/env /tmp/x a/home/b ${HOME}/work/x\n"}, []),
    ("what is wrong on purpose", {"tests/broken/b.json": "\t"}, []),
    ("what others published", {"models/llm/x/config.json": "{\t}"}, []),
    ("what was built", {"build/b.cpp": "\t"}, []),
    ("a test that no program builds", {"tests/unit/a_test.cpp": "\n"}, ["tests/unit/a_test.cpp:1: built"]),
    ("a test that a folder above builds",
     {"tests/unit/a_test.cpp": "\n", "tests/CMakeLists.txt": "tideline_test(a SOURCES unit/a_test.cpp)\n"}, []),
    ("a test whose name only ends another's",
     {"tests/a_test.cpp": "\n", "tests/CMakeLists.txt": "tideline_test(b SOURCES unit/a_test.cpp b_a_test.cpp)\n"},
     ["tests/a_test.cpp:1: built"]),
]


class Checks(unittest.TestCase):
    def each(self, check, good, cases):
        for name, files, expected in cases:
            with self.subTest(name):
                self.assertEqual(breaches(check, {**good, **files}), expected)

    def test_check_modules(self):
        self.each(load("check_modules").check, GOOD, MODULES)

    def test_check_style(self):
        self.each(load("check_style").check, GOOD, STYLE)


if __name__ == "__main__":
    unittest.main()
