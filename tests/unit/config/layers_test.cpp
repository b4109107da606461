// Do "extends" and --set lay one document over another, and keep each value's place?
#include "tests/unit/config/reading.h"

namespace tideline::config {
namespace {

std::string load(const std::string& file, const std::vector<std::string>& overrides, const Reader& read) {
  try {
    const Document document = Document::load(file, overrides);
    read(document.root());
    document.finish();
    return document.effective();
  } catch (const InputError& e) {
    return e.what();
  }
}

void read_all(const Node& root) {
  (void)root.text("name", "none");
  (void)root.count("nodes", 0);
  if (const auto fleet = root.optional_object("fleet")) {
    (void)fleet->text("gpu", "h800");
    if (fleet->has("hours")) (void)fleet->numbers("hours");
  }
}

TEST_CASE("objects merge, everything else replaces, through several files") {
  const Folder folder;
  folder.write("base.json", R"({"name": "base", "nodes": 5, "fleet": {"gpu": "h100", "hours": [1, 2, 3]}})");
  folder.write("study/mid.json", R"({"extends": "../base.json", "nodes": 6})");
  folder.write("study/top.json", R"({"extends": "mid.json", "name": "top", "fleet": {"hours": [9]}})");
  CHECK(load("study/top.json", {}, read_all) ==
        "{\n  \"fleet\": {\n    \"gpu\": \"h100\",\n    \"hours\": [9]\n  },\n  \"name\": \"top\",\n  "
        "\"nodes\": 6\n}\n");
}

TEST_CASE("null takes away what the files below say, and what it stands for is as if nobody had said it") {
  const Folder folder;
  folder.write("base.json", R"({"name": "base", "nodes": 5, "fleet": {"gpu": "h100", "hours": [1, 2, 3]}})");
  folder.write("top.json", R"({"extends": "base.json", "nodes": null, "fleet": {"hours": null}})");
  CHECK(load("top.json", {}, read_all) ==
        "{\n  \"fleet\": {\n    \"gpu\": \"h100\"\n  },\n  \"name\": \"base\",\n  \"nodes\": 0\n}\n");
  CHECK(load("base.json", {"nodes=null", "fleet.hours=null"}, read_all) == load("top.json", {}, read_all));
  CHECK(load("base.json", {"fleet=null"}, read_all) == "{\n  \"name\": \"base\",\n  \"nodes\": 5\n}\n");
  // Where there is nothing to take away, it is a value like others.
  CHECK(load("base.json", {"fleet.gpuu=null"}, read_all).find("unknown key \"gpuu\"") != std::string::npos);
}

TEST_CASE("a mistake is shown in the file that holds it, the extending file first") {
  const Folder folder;
  folder.write("base.json", "{\n  \"nodes\": -1,\n  \"fleet\": {\"gpuu\": 1}}");
  folder.write("top.json", R"({"extends": "base.json", "name": 4})");
  CHECK(load("top.json", {}, read_all) ==
        "top.json:1:34: error: wants text, found the number 4\n"
        "  at /name\n"
        "base.json:2:12: error: wants a whole number of 0 or more, found the number -1\n"
        "  at /nodes\n"
        "base.json:3:13: error: unknown key \"gpuu\"\n"
        "  at /fleet/gpuu\n"
        "  did you mean \"gpu\"?\n");
}

TEST_CASE("a value knows the folder of the file it stands in") {
  const Folder folder;
  folder.write("base/base.json", R"({"trace": "a.csv", "list": {}})");
  folder.write("top.json", R"({"extends": "base/base.json", "other": "b.csv"})");
  const Document document = Document::load("top.json", {"given=c.csv"});
  CHECK(document.root().folder() == ".");
  CHECK(document.root().folder("trace") == "base");
  CHECK(document.root().folder("other") == ".");
  CHECK(document.root().folder("given") == ".");
  CHECK(document.root().object("list").folder() == "base");
}

TEST_CASE("further overrides make another document: the first stays as it was") {
  const Folder folder;
  folder.write("top.json", R"({"name": "top", "nodes": 6})");
  const Document document = Document::load("top.json", {"nodes=7"});
  const Document more = document.with({"name=mine", "nodes=8"});
  CHECK(more.root().text("name") == "mine");
  CHECK(more.root().count("nodes") == 8);
  CHECK(document.root().text("name") == "top");
  CHECK(document.root().count("nodes") == 7);
}

TEST_CASE("a document that stands alone has its defaults, what was set, and files by their whole path") {
  const Folder folder;
  folder.write("base/base.json", R"({"trace": "a.csv", "name": "base", "nodes": 5})");
  folder.write("top.json", R"({"extends": "base/base.json", "nodes": 6})");
  const Document document = Document::load("top.json", {"name=mine"});
  const Node root = document.root();
  (void)root.text("name"), (void)root.count("nodes"), (void)root.count("gpus", 8);
  (void)root.text("trace"), (void)root.folder("trace");
  document.finish();
  const std::string path = (std::filesystem::current_path() / "base/a.csv").string();
  CHECK(document.standalone() ==
        "{\n  \"gpus\": 8,\n  \"name\": \"mine\",\n  \"nodes\": 6,\n  \"trace\": \"" + path + "\"\n}\n");
  CHECK(document.effective().find("\"trace\": \"a.csv\"") != std::string::npos);
}

TEST_CASE("files that cannot be read, that extend each other, or that extend no text") {
  const Folder folder;
  folder.write("a.json", R"({"extends": "b.json"})");
  folder.write("b.json", R"({"extends": "a.json"})");
  folder.write("lost.json", R"({"extends": "no.json"})");
  folder.write("two.json", R"({"extends": ["a.json", "b.json"]})");
  CHECK(load("no.json", {}, read_all) ==
        "no.json: error: cannot read this file: No such file or directory\n");
  CHECK(load(".", {}, read_all) == ".: error: cannot read this file: it is a folder\n");
  CHECK(load("a.json", {}, read_all) ==
        "b.json:1:13: error: the files extend each other: a.json -> b.json -> a.json\n"
        "  at /extends\n");
  CHECK(load("lost.json", {}, read_all) ==
        "lost.json:1:13: error: cannot read \"no.json\": No such file or directory\n"
        "  at /extends\n"
        "  the path is relative to the file that extends\n");
  CHECK(load("two.json", {}, read_all) ==
        "two.json:1:13: error: wants the path of one file, found a list\n"
        "  at /extends\n");
}

TEST_CASE("overrides take JSON or bare text, in order, and reach into objects and lists") {
  const Folder folder;
  folder.write("a.json", R"({"name": "a", "nodes": 1, "fleet": {"gpu": "h100", "hours": [1, 2, 3]}})");
  CHECK(load("a.json", {"nodes=7", "fleet.gpu=h20", "fleet.hours.1=8", "name=\"5\"", "nodes=9"}, read_all) ==
        "{\n  \"fleet\": {\n    \"gpu\": \"h20\",\n    \"hours\": [1, 8, 3]\n  },\n"
        "  \"name\": \"5\",\n  \"nodes\": 9\n}\n");
  CHECK(load("a.json", {"fleet={\"hours\": [4]}", "name=k=v"}, read_all) ==
        "{\n  \"fleet\": {\n    \"gpu\": \"h800\",\n    \"hours\": [4]\n  },\n  \"name\": \"k=v\",\n  "
        "\"nodes\": 1\n}\n");
}

TEST_CASE("a key with dots in it is found by an override if it is there") {
  const Folder folder;
  folder.write("a.json", R"({"deepseek-v3.2": {"nodes": 1}})");
  CHECK(load("a.json", {"deepseek-v3.2.nodes=4"}, [](const Node& root) {
          CHECK(root.object("deepseek-v3.2").count("nodes") == 4);
        }) == "{\n  \"deepseek-v3.2\": {\n    \"nodes\": 4\n  }\n}\n");
}

TEST_CASE("a mistake in an override is shown as it was typed") {
  const Folder folder;
  folder.write("a.json", R"({"fleet": {"hours": [1]}})");
  CHECK(load("a.json", {"nodse=3", "flet.gpu=h20", "nodes=many"}, read_all) ==
        "--set nodse=3: error: unknown key \"nodse\"\n"
        "  at /nodse\n"
        "  did you mean \"nodes\"?\n"
        "--set flet.gpu=h20: error: unknown key \"flet\"\n"
        "  at /flet\n"
        "  did you mean \"fleet\"?\n"
        "--set nodes=many: error: wants a whole number of 0 or more, found the text \"many\"\n"
        "  at /nodes\n");
}

TEST_CASE("an override that leads nowhere is refused at once") {
  const Folder folder;
  folder.write("a.json", R"({"name": "x", "fleet": {"hours": [1, 2]}})");
  const auto refuse = [](const char* text) { return load("a.json", {text}, read_all); };
  CHECK(refuse("nodes") == "--set nodes: error: wants path.to.key=value\n");
  CHECK(refuse("=5") == "--set =5: error: wants path.to.key=value\n");
  CHECK(refuse("a..b=5") == "--set a..b=5: error: wants path.to.key=value; a step of the path is empty\n");
  CHECK(refuse("name.x=5") == "--set name.x=5: error: \"name\" is the text \"x\" and has no \"x\" in it\n");
  CHECK(refuse("fleet.hours.2=5") ==
        "--set fleet.hours.2=5: error: \"fleet.hours\" is a list of 2, counted from 0; it has no element "
        "\"2\"\n");
  CHECK(refuse("fleet={\"a\": }") == "--set fleet={\"a\": }: error: {\"a\": } is broken JSON\n");
}

}  // namespace
}  // namespace tideline::config
