#include "sim/config/explore.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <exception>
#include <set>

#include "sim/base/check.h"

namespace tideline::config {
namespace {

// What is put where a value is missing: of each kind one, where it is not known which kind is wanted.
constexpr std::string_view kSomeObject = "{}", kSomeList = "[{}]";
constexpr std::string_view kOfEachKind[] = {"0", "\"?\"", kSomeObject, kSomeList};
constexpr std::string_view kSomeName = "all";  // of a class, where a file may use names of its own
constexpr std::size_t kReadingsMax = 20'000;

// Values to try of a key that is there, or not.
std::vector<std::string> values_for(const Asked& asked, bool there) {
  std::vector<std::string> values;
  const auto of_each_kind = [&] {
    values.insert(values.end(), std::begin(kOfEachKind), std::end(kOfEachKind));
  };
  if (!there && (asked.forms.empty() || asked.kind_matters)) of_each_kind();
  for (const Form& form : asked.forms) {
    if (!there && form.kind == Form::Kind::kObject) values.emplace_back(kSomeObject);
    if (!there && form.kind == Form::Kind::kList) values.emplace_back(kSomeList);
    if (form.kind == Form::Kind::kFlag) values.insert(values.end(), {"true", "false"});
    for (const std::string& name : form.known) values.push_back(in_quotes(name));
  }
  return values;
}

// One value that is put into a document.
struct Opening {
  std::string path, value;
  [[nodiscard]] std::string text() const { return path + "=" + value; }  // as --set takes it
};

// Where this document could have more, in the order of its keys.
void find_openings(const Value& value, const std::string& path, std::vector<Opening>& out) {
  const auto at = [&](std::string_view key) {
    return path.empty() ? std::string(key) : fmt::format("{}.{}", path, key);
  };
  if (value.keys_are_names && value.items.empty())
    for (const std::string_view some : kOfEachKind) out.push_back({at(kSomeName), std::string(some)});
  for (const auto& [key, asked] : value.asked) {
    if (key.empty()) continue;  // a name that could not be read
    const bool there =
        std::ranges::any_of(value.items, [&key = key](const Value& item) { return item.key == key; });
    for (std::string& some : values_for(asked, there)) out.push_back({at(key), std::move(some)});
  }
  std::size_t index = 0;
  for (const Value& item : value.items) {
    find_openings(item, at(value.kind == Kind::kList ? std::to_string(index) : item.key), out);
    ++index;
  }
}

}  // namespace

class Explorer {
 public:
  explicit Explorer(const DocumentKind& kind) : kind_(kind) {}

  Wanted explore() {
    waiting_.push_back({});
    read_all_waiting();
    // Once more, each in a document that has everything else as well: what hangs on two keys at once.
    const std::vector<Settings> grown = grown_;
    for (const Settings& settings : grown) {
      waiting_.push_back(everything_);
      waiting_.back().insert(waiting_.back().end(), settings.begin(), settings.end());
    }
    read_all_waiting();
    return std::move(wanted_);
  }

 private:
  using Settings = std::vector<Opening>;

  static auto of_path(const std::string& path) {
    return [path](const Opening& o) { return o.path == path; };
  }

  void read_all_waiting() {
    for (; !waiting_.empty(); waiting_.pop_front()) read(waiting_.front());
  }

  void read(const Settings& settings) {
    CHECK(++readings_ < kReadingsMax, "the reader of {} asks without end", kind_.name);
    std::vector<std::string> texts;
    for (const Opening& o : settings) texts.push_back(o.text());
    const Document document = Document::parse(kind_.seed, kind_.name, texts);
    try {
      kind_.read(document);
    } catch (const InputError&) {  // made-up documents are full of mistakes
    }
    const Value& root = document.store_->root;
    wanted_.add(root);
    // With such a value nothing after it would be read, where everything else is there.
    const bool came_to_its_end = document.store_->finished && !root.ignored;
    if (!came_to_its_end && !settings.empty()) std::erase_if(everything_, of_path(settings.back().path));
    std::vector<Opening> openings;
    find_openings(root, "", openings);
    for (const Opening& o : openings) {
      if (!tried_.insert(o.text()).second) continue;
      put_into_everything(o, settings);
      grown_.push_back(settings);
      grown_.back().push_back(o);
      waiting_.push_back(grown_.back());
    }
  }

  // The first value of each path; of one that others stand below, the value under which they were found.
  void put_into_everything(const Opening& o, const Settings& found_under) {
    if (std::ranges::any_of(everything_, of_path(o.path))) return;
    for (const Opening& above : found_under) {
      const auto same = std::ranges::find_if(everything_, of_path(above.path));
      const bool is_above = same != everything_.end() && o.path.starts_with(above.path + ".");
      if (is_above && has_below_.insert(above.path).second) same->value = above.value;
    }
    everything_.push_back(o);
  }

  const DocumentKind& kind_;
  Wanted wanted_;
  std::deque<Settings> waiting_;
  std::vector<Settings> grown_;  // every document that was waited for
  Settings everything_;
  std::set<std::string> tried_, has_below_;
  std::size_t readings_ = 0;
};

Wanted explore(const DocumentKind& kind) {
  return Explorer(kind).explore();
}

}  // namespace tideline::config
