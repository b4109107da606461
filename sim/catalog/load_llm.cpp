#include <filesystem>

#include "sim/catalog/llm.h"
#include "sim/catalog/models.h"
#include "sim/config/file_name.h"

namespace tideline::catalog {
namespace {

namespace fs = std::filesystem;
using config::Document;

Llm read_config(const Document& document, const std::string& name) {
  const Llm llm = read_hugging_face(document.root(), name);
  document.finish();
  return llm;
}

// Named after its file, or after the folder that a config.json stands in.
Llm load_path(const std::string& file) {
  const fs::path path = fs::absolute(file);
  const bool in_folder = path.filename() == "config.json";
  Llm llm =
      read_config(Document::load(file), (in_folder ? path.parent_path().filename() : path.stem()).string());
  llm.source = file;
  return llm;
}

}  // namespace

Llm load_llm(const std::string& name_or_path) {
  if (config::names_a_file(name_or_path)) return load_path(name_or_path);
  const fs::path file = find_record("llm", name_or_path);
  Llm llm = read_config(load_record(file.string()), name_or_path);
  const Document record = load_record((file.parent_path() / "record.json").string());
  const Origin origin = read_origin(record.root());
  record.finish();
  llm.source = origin.source;
  llm.as_of = origin.as_of;
  return llm;
}

Llm load_llm(const config::Node& at, std::string_view key) {
  return load_llm(read_name_or_file(at, key, "llm"));
}

}  // namespace tideline::catalog
