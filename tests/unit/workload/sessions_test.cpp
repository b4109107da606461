// Do sessions behave as they are described, and does a cache find what they share?
#include "sim/workload/sessions.h"

#include <map>

#include "sim/workload/cached_arrivals.h"
#include "tests/doctest.h"

namespace tideline::workload {
namespace {

const std::string kFlat = "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]";

// Messages of 100 tokens, answers of 50, a user who thinks for a minute; up to three turns.
Workload read(const std::string& kind_more, const std::string& cache, const std::string& per_day = "86400") {
  const auto document = config::Document::parse(
      R"({"requests_per_day": )" + per_day + R"(, "hourly_profile": )" + kFlat + R"(, "prefix_cache": )" +
          cache + R"(, "sessions": {"answer_speed": "10 tok/s", "kinds": [
          {"name": "chat", "turn_survivors": [1, 0.5, 0.25], "message_tokens": {"constant": 100},
           "output_tokens": {"constant": 50}, "think_seconds": {"constant": 60})" +
          kind_more + "}]}}",
      "test.json");
  Workload w = read_workload(document.root(), 0);
  document.finish();
  return w;
}

std::vector<Arrival> arrivals_of(const Workload& w, std::size_t n) {
  std::vector<Arrival> arrivals(n);
  CHECK(make_arrivals(w, 1, 0, Instant{0})->read(arrivals) == n);
  return arrivals;
}

constexpr const char* kEndless = R"({"kind": "lru", "block_tokens": 10})";

TEST_CASE(
    "turns come at their shares, each prompt longer by an answer and a message, all of the last one held") {
  std::map<int, int> turns;
  for (const Arrival& a : arrivals_of(read("", kEndless), 20000)) {
    ++turns[a.lengths.input];
    CHECK(a.lengths.cached == a.lengths.input - (a.lengths.input == 100 ? 100 : 150));
  }
  CHECK(turns.size() == 3);
  CHECK(turns[100] == doctest::Approx(20000 / 1.75).epsilon(0.03));
  CHECK(turns[250] == doctest::Approx(10000 / 1.75).epsilon(0.03));
  CHECK(turns[400] == doctest::Approx(5000 / 1.75).epsilon(0.05));
}

TEST_CASE("requests come in order at the rate asked for, whatever the turns") {
  const auto arrivals = arrivals_of(read("", kEndless), 20000);
  for (std::size_t i = 1; i < arrivals.size(); ++i) {
    CHECK(arrivals[i - 1].at <= arrivals[i].at);
    CHECK(arrivals[i].id == i);
  }
  CHECK(to_seconds(arrivals.back().at).value() == doctest::Approx(20000).epsilon(0.03));
}

TEST_CASE("requests come at the rate asked for where prompts are at most so long, and sessions end by that") {
  std::map<int, int> inputs;
  const auto arrivals = arrivals_of(read(R"(, "input_max": 260)", kEndless), 20000);
  for (const Arrival& a : arrivals) ++inputs[a.lengths.input];
  CHECK(inputs.size() == 2);  // no third turn
  CHECK(to_seconds(arrivals.back().at).value() == doctest::Approx(20000).epsilon(0.03));
}

TEST_CASE("a next turn comes when the answer has been read and the user has thought") {
  const Workload w = read("", kEndless, "864");  // a session each 175 s: turns seldom overlap
  SessionSource source(*w.sessions, w.prefix_caching, 1, 0, Instant{0});
  std::map<std::uint64_t, Instant> first;  // by the extent that a session's first message fills
  ChainedRequest r;
  int seconds = 0;
  for (int i = 0; i < 500 && source.next(r); ++i) {
    const std::uint64_t session = r.chain.front().id;
    if (r.arrival.lengths.input == 250) seconds += first.count(session) != 0;
    if (r.arrival.lengths.input == 250) CHECK((r.arrival.at - first.at(session)).ns == 65 * kNsPerSecond);
    first.emplace(session, r.arrival.at);
  }
  CHECK(seconds > 50);
  CHECK(source.under_way() < 20);
}

TEST_CASE("reasoning is not sent again") {
  std::map<int, int> inputs;
  for (const Arrival& a : arrivals_of(read(R"(, "visible_share": {"constant": 0.2})", kEndless), 2000))
    ++inputs[a.lengths.input];
  CHECK(inputs.size() == 3);
  CHECK(inputs.contains(210));
  CHECK(inputs.contains(320));
}

TEST_CASE("answers that the cache keeps are hits of the next turn, unless reasoning stood before them") {
  const std::string outputs = R"({"kind": "lru", "block_tokens": 10, "outputs": true})";
  for (const Arrival& a : arrivals_of(read("", outputs), 2000))
    CHECK(a.lengths.cached == a.lengths.input - 100);
  for (const Arrival& a : arrivals_of(read(R"(, "visible_share": {"constant": 0.2})", outputs), 2000))
    CHECK(a.lengths.cached == a.lengths.input - (a.lengths.input == 100 ? 100 : 110));
}

TEST_CASE("a system prompt is held across sessions, in whole blocks, and costs one miss each") {
  const std::string system = R"(, "system_prompt": {"tokens": {"constant": 55}, "count": 4})";
  int cold = 0;
  for (const Arrival& a : arrivals_of(read(system, R"({"kind": "lru", "block_tokens": 10})"), 2000))
    if (a.lengths.input == 155) {
      cold += a.lengths.cached == 0;
      CHECK((a.lengths.cached == 0 || a.lengths.cached == 50));
    }
  CHECK(cold == 0);  // six hours of history came before
}

TEST_CASE("without a cache nothing is held; after its retention nothing is; a small one holds little") {
  const auto hits = [](const std::string& cache) {
    std::int64_t sum = 0;
    for (const Arrival& a : arrivals_of(read("", cache), 5000)) sum += a.lengths.cached;
    return sum;
  };
  CHECK(hits(R"({"kind": "none"})") == 0);
  CHECK(hits(R"({"kind": "lru", "block_tokens": 10, "retention": "64.9 s"})") == 0);
  const std::int64_t all = hits(R"({"kind": "lru", "block_tokens": 10, "retention": "65 s"})");
  CHECK(all > 0);
  CHECK(hits(R"({"kind": "lru", "block_tokens": 10, "capacity": "100 ktok"})") == all);
  CHECK(hits(R"({"kind": "lru", "block_tokens": 10, "capacity": "3 ktok"})") < all / 10);
}

TEST_CASE("memory has of each prefix what a cache of its size would hold, storage the rest") {
  const auto arrivals = [](const std::string& cache) { return arrivals_of(read("", cache), 5000); };
  const auto small = arrivals(R"({"kind": "lru", "block_tokens": 10, "capacity": "13 ktok"})");
  const auto large = arrivals(R"({"kind": "lru", "block_tokens": 10, "capacity": "60 ktok"})");
  const auto both =
      arrivals(R"({"kind": "lru", "block_tokens": 10, "capacity": "60 ktok", "memory": "13 ktok"})");
  std::int64_t memory = 0, storage = 0;
  for (std::size_t i = 0; i < both.size(); ++i) {
    CHECK(both[i].lengths.cached == large[i].lengths.cached);
    CHECK(both[i].lengths.in_memory == small[i].lengths.cached);
    memory += both[i].lengths.in_memory;
    storage += both[i].lengths.cached - both[i].lengths.in_memory;
  }
  CHECK(memory > 0);
  CHECK(storage > 0);
}

TEST_CASE("a session ends where its prompt would be too long") {
  for (const Arrival& a : arrivals_of(read(R"(, "input_max": 250)", kEndless), 2000))
    CHECK(a.lengths.input <= 250);
}

TEST_CASE("mistakes in sessions are explained") {
  const auto said = [](const std::string& kind_more, const std::string& cache) {
    try {
      read(kind_more, cache);
    } catch (const InputError& e) {
      const std::string text = e.what();
      return text.substr(text.find("error: "));
    }
    return std::string();
  };
  CHECK(said("", R"({"kind": "drawn"})") ==
        "error: the hits of sessions are not drawn: \"kind\" is \"lru\" or \"none\"\n  at /prefix_cache\n");
  CHECK(said("", R"({"kind": "lru", "capacity": "5 tok"})") ==
        "error: not one block of 64 tokens\n  at /prefix_cache/capacity\n");
  CHECK(said("", R"({"kind": "lru", "retention": "5"})").starts_with("error: "));
  CHECK(said(R"(, "share": 0.5)", kEndless) ==
        "error: the shares of the kinds add up to 0.500000, not to 1\n  at /sessions/kinds\n");
}

}  // namespace
}  // namespace tideline::workload
