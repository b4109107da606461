#include <fmt/format.h>

#include "sim/base/clock.h"
#include "sim/workbook/sheet.h"

namespace tideline::workbook {
namespace {

using namespace finance;

// Which line a row's channel sells as which model.
struct Offer {
  const Channel* channel;
  const Sold* sold;
};
Offer offer_of(const Case& c, std::size_t line) {
  std::size_t first = 0;
  for (const std::string& name : c.ledger.classes) {
    const Channel& channel = c.terms.channel(name);
    if (line < first + channel.sold.size()) return {&channel, &channel.sold[line - first]};
    first += channel.sold.size();
  }
  return {};
}

std::string hours_of(const catalog::PriceBook& book, std::size_t window) {
  if (window == book.windows.size()) return book.windows.empty() ? "all day" : "list";
  return fmt::format("{} - {}", clock_text(book.windows[window].from_minute),
                     clock_text(book.windows[window].to_minute));
}

class Assumptions {
 public:
  Assumptions(Book& book, const Study& study, Addresses& at)
      : sheet_(book, "Assumptions"), study_(study), base_(study.base()), at_(at) {
    sheet_.width(0, 2, 30.0);
    sheet_.width(3, 7, 16.0);
  }

  void fill(const std::vector<PriceRow>& rows) {
    sheet_.text(row_++, 0, study_.question, Look::kTitle);
    sheet_.text(row_++, 0, "Edit the tinted cells; everything else follows.");
    if (base_.statement.saturated)
      sheet_.text(row_++, 0,
                  "Saturated: what the nodes served only after the window is in the revenue, and no node was "
                  "paid for it. There are no ratios.");
    ++row_;
    nodes();
    ++row_;
    prices(rows);
  }

 private:
  std::string input(const char* label, const char* unit, double value) {
    sheet_.text(row_, 0, label);
    sheet_.text(row_, 1, unit);
    sheet_.number(row_, 2, value, Look::kInput);
    return cell(row_++, 2);
  }
  std::string follows(const char* label, const char* unit, const std::string& formula, double value) {
    sheet_.text(row_, 0, label);
    sheet_.text(row_, 1, unit);
    sheet_.formula(row_, 2, formula, value, Look::kPrice);
    return cell(row_++, 2);
  }

  void nodes() {
    const CostItems& rate = base_.terms.node_hour;
    const auto gpus = static_cast<double>(base_.terms.gpus_per_node);
    sheet_.headings(row_++, {"Nodes", "unit", "value"});
    const std::string per_node = input("GPUs of a node", "GPU", gpus);
    const std::string lease = input("Lease", "USD a GPU-hour", rate.lease.usd() / gpus);
    const std::string capital = input("Capital", "USD a node-hour", rate.capital.usd());
    const std::string network = input("Network", "USD a node-hour", rate.network.usd());
    const std::string operations = input("Operations", "USD a node-hour", rate.operations.usd());
    const std::string energy = input("Energy", "USD a node-hour", rate.energy.usd());
    const std::string freed = fmt::format("{}*{}+{}+{}+{}", lease, per_node, capital, network, operations);
    const std::string freed_rate = follows("Node that is paid for and freed", "USD a node-hour", freed,
                                           base_.terms.freed_hour().total().usd());
    at_.freed_rate = "Assumptions!" + freed_rate;
    at_.held_rate = "Assumptions!" + follows("Node that is held", "USD a node-hour",
                                             freed_rate + "+" + energy, rate.total().usd());
    at_.freed_value =
        "Assumptions!" + input("Worth of a freed node", "USD a node-hour", base_.terms.freed_value.usd());
    at_.gpus_per_node = "Assumptions!" + per_node;
  }

  void prices(const std::vector<PriceRow>& rows) {
    sheet_.headings(row_++, {"Class", "Model", "Hours", "Input, cached USD/Mtok", "Input, computed USD/Mtok",
                             "Output USD/Mtok", "Paid share"});
    for (const PriceRow& r : rows) {
      const Line& line = base_.statement.lines[r.line];
      const auto [channel, sold] = offer_of(base_, r.line);
      sheet_.text(row_, 0, line.of_class);
      sheet_.text(row_, 1, line.model);
      sheet_.text(row_, 2, hours_of(sold->book, r.window));
      for (std::uint16_t m = 0; m < kMeters.size(); ++m) {
        const Money price = sold->book.of_window(r.window).*kMeters[m].price;
        sheet_.number(row_, static_cast<std::uint16_t>(3 + m), price.usd() * sold->usd_per_currency,
                      Look::kInput);
      }
      sheet_.number(row_, 6, 1.0 - channel->free_share, Look::kInput);
      at_.price_rows.push_back(row_++);
    }
  }

  Sheet sheet_;
  const Study& study_;
  const Case& base_;
  Addresses& at_;
  std::uint32_t row_ = 0;
};

}  // namespace

void fill_assumptions(Book& book, const Study& study, const std::vector<PriceRow>& rows, Addresses& at) {
  Assumptions(book, study, at).fill(rows);
}

}  // namespace tideline::workbook
