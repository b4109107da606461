#include <filesystem>

#include "sim/catalog/llm.h"
#include "sim/catalog/models.h"

namespace tideline::catalog {
namespace {

namespace fs = std::filesystem;
using config::Document;

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || text.ends_with(".json");
}

Llm load_config(const std::string& file, const std::string& name) {
  const Document document = Document::load(file);
  const Llm llm = read_hugging_face(document.root(), name);
  document.finish();
  return llm;
}

Llm load_path(const std::string& file) {
  Llm llm = load_config(file, fs::path(file).stem().string());
  llm.source = file;
  return llm;
}

}  // namespace

Llm load_llm(const std::string& name_or_path) {
  if (is_path(name_or_path)) return load_path(name_or_path);
  const fs::path file = find_record("llm", name_or_path);
  Llm llm = load_config(file.string(), name_or_path);
  const Document record = Document::load((file.parent_path() / "record.json").string());
  const Origin origin = read_origin(record.root());
  record.finish();
  llm.source = origin.source;
  llm.as_of = origin.as_of;
  return llm;
}

Llm load_llm(const config::Node& at, std::string_view key) {
  if (!at.is_text(key)) return load_llm(read_name(at, key, "llm"));
  const std::string text = at.text(key);
  if (!is_path(text)) return load_llm(read_name(at, key, "llm"));
  const fs::path file = fs::path(at.folder(key)) / text;
  if (fs::is_regular_file(file)) return load_path(file.string());
  at.problem(key, "there is no file " + text, "a path is relative to the file it stands in");
  return load_llm(known_names("llm").front());
}

}  // namespace tideline::catalog
