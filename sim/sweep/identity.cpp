#include "sim/sweep/identity.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/error.h"
#include "sim/catalog/models.h"
#include "sim/config/json_stream.h"

namespace tideline::sweep {
namespace {

namespace fs = std::filesystem;
using Sum = std::array<std::uint8_t, 32>;

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    CHECK(context_ && EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) == 1);
  }
  // Each with its length, so that no two lists of texts are the same bytes.
  void add(std::string_view text) {
    const std::uint64_t size = text.size();
    update(&size, sizeof size);
    update(text.data(), text.size());
  }
  void add_file(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::vector<char> block(1 << 20);
    while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
      update(block.data(), static_cast<std::size_t>(in.gcount()));
    if (!in.eof()) throw InputError({.file = file.string(), .message = "cannot read this file"});
  }
  Sum sum() {
    Sum out;
    CHECK(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr) == 1);
    return out;
  }

 private:
  void update(const void* bytes, std::size_t size) {
    CHECK(EVP_DigestUpdate(context_.get(), bytes, size) == 1);
  }
  std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context_;
};

std::string in_hex(const std::uint8_t* bytes, std::size_t count) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += {kDigits[bytes[i] >> 4], kDigits[bytes[i] & 15]};
  return out;
}

std::string hex_of(Sha256& hash) {
  const Sum sum = hash.sum();
  return in_hex(sum.data(), sum.size());
}

// A file, or all files of a folder, by name.
void add_path(Sha256& hash, const fs::path& path) {
  std::vector<fs::path> files;
  if (fs::is_directory(path)) {
    for (const auto& entry : fs::recursive_directory_iterator(path))
      if (entry.is_regular_file()) files.push_back(entry.path());
    std::ranges::sort(files);
  } else {
    files.push_back(path);
  }
  for (const fs::path& file : files) {
    hash.add(file.lexically_relative(path).string());
    hash.add(fmt::format("{}", fs::file_size(file)));
    hash.add_file(file);
  }
}

// The texts of a value that name a file: what is set is relative to where the program runs.
struct Named : config::JsonListener {
  void text(std::string_view text) override {
    const bool a_path = text.size() < 1024 && text.find_first_not_of("./") != std::string_view::npos;
    if (std::error_code none; a_path && fs::exists(text, none)) files.emplace_back(text);
  }
  std::vector<std::string> files;
};

std::string base_of(const Study& study) {
  Sha256 hash;
  hash.add(study.base_effective);
  Named named;
  named.files = study.files;
  for (const Axis& axis : study.axes)
    for (const Value& v : axis.listed)
      if (!v.number) (void)config::stream_json(v.json, named);
  for (const std::string& path : named.files) add_path(hash, path);
  return hex_of(hash);
}

}  // namespace

std::string hex(const Key& key) {
  return in_hex(key.data(), key.size());
}

Key key_of_hex(std::string_view digits) {
  const auto value = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  Key key{};
  if (digits.size() != 2 * key.size()) return key;
  for (std::size_t i = 0; i < key.size(); ++i) {
    const int high = value(digits[2 * i]), low = value(digits[2 * i + 1]);
    if (high < 0 || low < 0) return Key{};
    key[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return key;
}

Identity identity_of(const Study& study) {
  Identity id;
  Sha256 program, facts, all;
  program.add_file("/proc/self/exe");
  const fs::path models = catalog::models_folder();
  add_path(facts, models);
  add_path(facts, models / "../calib/fitted");
  id.engine = hex_of(program), id.catalogue = hex_of(facts), id.base = base_of(study);
  for (const std::string* part : {&id.engine, &id.catalogue, &id.base}) all.add(*part);
  id.all = hex_of(all);
  return id;
}

Key key_of(const Study& study, const Identity& identity, const Point& point) {
  std::vector<std::string> changed = changes(study, point);  // what the study sets, the scenario has
  std::ranges::sort(changed);
  Sha256 hash;
  hash.add(identity.all);
  for (const std::string& change : changed) hash.add(change);
  hash.add(fmt::format("replication {}", point.replication));
  const Sum sum = hash.sum();
  Key key;
  std::copy_n(sum.begin(), key.size(), key.begin());
  return key;
}

}  // namespace tideline::sweep
