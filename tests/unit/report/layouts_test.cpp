// Do text, JSON and CSV of a comparison say the same?
#include <string>

#include "sim/report/layouts_report.h"
#include "tests/doctest.h"

namespace tideline::report {
namespace {

// Nothing is fast enough for a prompt in a tenth of a second.
const layouts::Comparison& without_prefill() {
  static const layouts::Comparison c =
      layouts::compare(layouts::read_study(TIDELINE_FLAGSHIP,
                                           {R"(layouts={"ttft_mean": "0.1 s", "decode": {"nodes": [18]}})"}),
                       1);
  return c;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE("a price that nobody can know is a dash, null and an empty field, and a line says why") {
  const std::string text = layouts_text(without_prefill(), 0), json = layouts_json(without_prefill()),
                    csv = layouts_csv(without_prefill());
  CHECK(has(text,
            "\n\nNo prefill layout is allowed: decode layouts are ranked by what decode alone costs.\n\n"));
  CHECK(has(text, "     1 * 18 x h800-8 +32 two_batch_decode MTP             -  "));
  CHECK(!has(text, "0.000"));
  CHECK(has(json, "\n  \"missing\": \"No prefill layout is allowed: "));
  CHECK(has(json, "\"usd_per_mtok_output\": null"));
  CHECK(has(json, "\"prefill_gpus_per_decode_gpu\": null"));
  CHECK(has(csv, "decode,18 x h800-8 +32 two_batch_decode MTP,h800-8,18,32,two_batch_decode,1,16384,1,,"));
}

}  // namespace
}  // namespace tideline::report
