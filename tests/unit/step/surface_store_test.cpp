#include "sim/step/surface_store.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "sim/step/unit_content.h"
#include "sim/step/unit_surfaces.h"
#include "tests/doctest.h"
#include "tests/scratch.h"

namespace tideline::step {
namespace {

namespace fs = std::filesystem;

// A folder of its own, gone at the end.
struct Folder {
  Folder() : path(testing::scratch("surfaces")) { fs::remove_all(path); }
  ~Folder() { fs::remove_all(path); }
  [[nodiscard]] std::vector<fs::path> files() const {
    std::vector<fs::path> all;
    if (fs::exists(path))
      for (const auto& entry : fs::directory_iterator(path)) all.push_back(entry.path());
    return all;
  }
  fs::path path;
};

// How often it was asked to make 1/3 and 2.
struct Maker {
  int made = 0;
  std::vector<double> operator()() { return ++made, std::vector<double>{1.0 / 3.0, 2.0}; }
};

std::vector<double> get(const fs::path& folder, const std::string& content, Maker& maker) {
  return SurfaceStore(folder.string()).get(content, std::ref(maker));
}

TEST_CASE("what was made once is read the next time, to the last bit") {
  const Folder folder;
  Maker maker;
  const auto made = get(folder.path, "unit\nA \"quoted\" name", maker);
  CHECK(get(folder.path, "unit\nA \"quoted\" name", maker) == made);
  CHECK(maker.made == 1);
  CHECK(folder.files().size() == 1);
}

TEST_CASE("another unit is another surface") {
  const Folder folder;
  Maker maker;
  (void)get(folder.path, "A", maker);
  (void)get(folder.path, "B", maker);
  CHECK(maker.made == 2);
}

TEST_CASE("a broken file, or one of other content under the same name, is made anew and mended") {
  const Folder folder;
  Maker maker;
  const auto made = get(folder.path, "A", maker);
  const fs::path file = folder.files().front();
  std::ifstream in(file);
  const std::string good{std::istreambuf_iterator<char>(in), {}};
  const std::size_t last = good.rfind('"') - 1;  // digit
  std::string digit_missing = good, digit_wrong = good;
  digit_missing.erase(last, 1), digit_wrong[last] = 'x';
  const std::string other = R"({"content": "B", "values": "4000000000000000"})";
  for (const std::string& broken : {std::string(), good.substr(0, 20), other, digit_missing, digit_wrong}) {
    std::ofstream(file) << broken;
    const int before = maker.made;
    CHECK(get(folder.path, "A", maker) == made);
    CHECK(maker.made == before + 1);
    CHECK(get(folder.path, "A", maker) == made);
    CHECK(maker.made == before + 1);
  }
}

TEST_CASE("without a folder, or with one that cannot be made, everything is made each time") {
  const Folder folder;
  std::ofstream(folder.path) << "a file where the folder should be";
  Maker maker;
  for (const fs::path& nowhere : {fs::path(), folder.path / "inside"}) {
    const int before = maker.made;
    (void)get(nowhere, "A", maker);
    (void)get(nowhere, "A", maker);
    CHECK(maker.made == before + 2);
  }
}

TEST_CASE("a unit's content changes with whatever may change its times") {
  const Unit u =
      usual_unit(Phase::kDecode, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 18);
  const std::string base = content_of(u);
  CHECK(content_of(u) == base);
  const auto differs = [&](auto change) {
    Unit other = u;
    change(other);
    CHECK(content_of(other) != base);
  };
  differs([](Unit& o) { o.nodes = 16; });
  differs([](Unit& o) { o.llm.q_lora += 1; });
  differs([](Unit& o) { o.node.nic = BytesPerSecond(1e9); });
  differs([](Unit& o) { o.node.gpu.bandwidth = BytesPerSecond(1e12); });
  differs([](Unit& o) { o.schedule = load_schedule("none"); });
  differs([](Unit& o) { o.experts.skew.drift = 0.5; });
  differs([](Unit& o) { o.experts.counts = {{1.0, 2.0}}; });
  differs([](Unit& o) { o.host_gap = Seconds(0.1); });
  differs([](Unit& o) { o.nic_shares = {0.5}; });
  differs([](Unit& o) { o.fabric.oversubscription = 3; });
}

TEST_CASE("a surface read back answers as the one that was made") {
  const Folder folder;
  Unit u = usual_unit(Phase::kDecode, catalog::load_llm("deepseek-v3"), catalog::load_node("h800-8"), 4);
  const SurfaceStore store(folder.path.string());
  const DecodeSurface made = decode_surface(u, 400'000, 1, store),
                      read = decode_surface(u, 400'000, 1, store);
  for (const DecodeLoad& load :
       {DecodeLoad{40, 64, 300'000}, DecodeLoad{1, 1, 100}, DecodeLoad{90, 90, 4e5}}) {
    CHECK(made(load) == read(load));
    CHECK(made.spread(load) == read.spread(load));
  }
}

}  // namespace
}  // namespace tideline::step
