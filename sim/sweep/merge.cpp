#include "sim/sweep/merge.h"

#include <fmt/format.h>

#include <array>
#include <functional>

#include "sim/sweep/table.h"

namespace tideline::sweep {
namespace {

using State = Standing::State;

constexpr std::array kStates = {"missing", "failed", "done"};  // in the order of State

// Calls `each` for every point, in order, with where it stands.
Count walk(const Study& study, const Identity& identity, const Store& store,
           const std::function<void(const Point&, const Key&, const Standing&)>& each) {
  Count c;
  std::uint64_t used = 0;
  for (std::uint64_t n = 0; n < study.points(); ++n) {
    const Point p = point(study, n);
    const Key key = key_of(study, identity, p);
    const Standing s = standing(store, study, key);
    const Store::Range rows = store.find(key);
    used += static_cast<std::uint64_t>(rows.last - rows.first);
    ++(s.state == State::kDone ? c.tally.done : s.state == State::kFailed ? c.tally.failed : c.tally.missing);
    if (s.state == State::kFailed) {
      Count::Failure& f =
          c.failures.try_emplace(s.row.message, Count::Failure{0, n, s.row.code}).first->second;
      ++f.points;
    }
    each(p, key, s);
  }
  // A study may hold one point twice: a list with equal values.
  c.others = store.rows() > used ? store.rows() - used : 0;
  return c;
}

std::string joined(const std::vector<std::string>& parts) {
  return fmt::format("{}", fmt::join(parts, ", "));
}

void make_points(Database& db, const Study& study) {
  std::vector<std::string> columns = {"point INTEGER PRIMARY KEY", "key TEXT", "status TEXT", "code INTEGER",
                                      "message TEXT"};
  for (const Axis& a : study.axes)
    columns.push_back(sql_name(a.column()) + (a.numeric() ? " REAL" : " TEXT"));
  columns.insert(columns.end(), {"seed INTEGER", "replication INTEGER"});
  for (const std::string& m : study.metrics) columns.push_back(sql_name(m) + " REAL");
  db.run(fmt::format("CREATE TABLE points ({})", joined(columns)));
}

// Mean and standard deviation of every metric over the runs of a configuration.
void make_configurations(Database& db, const Study& study) {
  std::vector<std::string> inputs, columns;
  for (const Axis& a : study.axes) inputs.push_back(sql_name(a.column()));
  columns = inputs;
  columns.push_back("count(*) AS runs");
  for (const std::string& m : study.metrics) {
    const std::string q = sql_name(m);
    columns.push_back(fmt::format("avg({0}) AS {0}", q));
    columns.push_back(
        fmt::format("sqrt(max(0.0, (sum({0} * {0}) - sum({0}) * avg({0})) / (count({0}) - 1))) AS {1}", q,
                    sql_name(m + " sd")));
  }
  db.run(fmt::format(
      "CREATE VIEW configurations AS SELECT {} FROM points WHERE status = 'done'{} ORDER BY min(point)",
      joined(columns), inputs.empty() ? "" : " GROUP BY " + joined(inputs)));
}

void write_columns(Database& db, const Study& study) {
  db.run("CREATE TABLE columns (name TEXT PRIMARY KEY, kind TEXT, path TEXT, unit TEXT)");
  Database::Insert insert(db, "INSERT INTO columns VALUES (?, ?, ?, ?)");
  for (const Axis& a : study.axes) {
    const std::string name = a.column(), unit = name == a.path ? "" : name.substr(a.path.size() + 2);
    insert.add(name).add("input").add(a.path).add(unit.empty() ? "" : unit.substr(0, unit.size() - 1)).row();
  }
  for (const std::string& m : study.metrics) insert.add(m).add("metric").add(m).add("").row();
}

void write_study(Database& db, const Study& study, const Identity& identity, const Count& c) {
  db.run("CREATE TABLE study (name TEXT PRIMARY KEY, value)");
  Database::Insert insert(db, "INSERT INTO study VALUES (?, ?)");
  insert.add("question").add(study.question).row();
  insert.add("scenario").add(study.base_effective).row();
  insert.add("engine").add(identity.engine).row();
  insert.add("catalogue").add(identity.catalogue).row();
  const auto number = [&](const char* name, std::uint64_t n) {
    insert.add(name).add(static_cast<std::int64_t>(n)).row();
  };
  number("points", c.tally.all());
  number("done", c.tally.done);
  number("failed", c.tally.failed);
  number("missing", c.tally.missing);
}

void write_point(Database::Insert& insert, const Study& study, const Point& p, const Key& key,
                 const Standing& s) {
  insert.add(static_cast<std::int64_t>(p.number)).add(hex(key));
  insert.add(kStates[static_cast<std::size_t>(s.state)]);
  if (s.state == State::kMissing)
    insert.null().null();
  else
    insert.add(static_cast<std::int64_t>(s.row.code));
  if (s.state == State::kFailed)
    insert.add(s.row.message);
  else if (s.state == State::kDone)
    insert.null();
  for (std::size_t a = 0; a < p.inputs.size(); ++a) {
    const Value& v = p.inputs[a];
    if (study.axes[a].numeric())
      insert.add(*v.number);
    else if (v.json.front() == '"')
      insert.add(std::string_view(v.json).substr(1, v.json.size() - 2));
    else
      insert.add(v.json);
  }
  if (p.seed)
    insert.add(*p.seed);
  else
    insert.null();
  insert.add(static_cast<std::int64_t>(p.replication));
  for (const std::string& m : study.metrics) {
    const auto value = s.row.metrics.find(m);
    if (s.state == State::kDone && value != s.row.metrics.end())
      insert.add(value->second);
    else
      insert.null();
  }
  insert.row();
}

}  // namespace

Count count(const Study& study, const Identity& identity, const Store& store) {
  return walk(study, identity, store, [](const Point&, const Key&, const Standing&) {});
}

Count merge(const Study& study, const Identity& identity, const Store& store, const std::string& file) {
  Database db(file);
  make_points(db, study);
  Count c;
  {
    std::string marks = "?";
    for (std::size_t n = 1; n < 7 + study.axes.size() + study.metrics.size(); ++n) marks += ", ?";
    Database::Insert insert(db, fmt::format("INSERT INTO points VALUES ({})", marks));
    c = walk(study, identity, store, [&](const Point& p, const Key& key, const Standing& s) {
      write_point(insert, study, p, key, s);
    });
  }
  make_configurations(db, study);
  write_columns(db, study);
  write_study(db, study, identity, c);
  db.finish();
  return c;
}

}  // namespace tideline::sweep
