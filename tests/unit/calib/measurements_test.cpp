// Which measurements is a family fitted to?
#include "calib/fit/measurements.h"

#include "tests/doctest.h"

namespace tideline::calib {
namespace {

const kernels::FamilyInfo& kDense = kernels::kFamilies.front();

// One of each number of rows from 1 on; `how`: version and way of timing.
std::vector<Record> products(int places, const std::string& library, const std::string& how) {
  std::vector<Record> all;
  for (int m = 1; m <= places; ++m)
    all.push_back(
        {{7168, 2048, 1.0, static_cast<double>(m)}, "here", library + how, Seconds(1e-6 * m), "", library});
  return all;
}

std::vector<Record> together(std::vector<Record> a, const std::vector<Record>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

FromRecords recorded(const std::vector<Record>& products) {
  FromRecords records;
  records.families[kDense.id] = products;
  return records;
}

TEST_CASE("records of the table's library stand beside its rows, others are left out") {
  std::map<std::string, int> left_out;
  const std::vector<Record> both =
      together(products(3, "DeepGEMM", " v2, graph"), products(9, "cuBLASLt", " v13"));
  const Measurements m =
      measurements(kDense, products(10, "DeepGEMM", " v1"), recorded(both), false, left_out);
  CHECK(m.all.size() == 13);
  CHECK(m.records == 3);
  CHECK_FALSE(m.records_alone);
  CHECK(left_out ==
        std::map<std::string, int>{{"dense_gemm_fp8: of cuBLASLt, the family is fitted to DeepGEMM", 9}});
}

TEST_CASE("records that are preferred and enough stand alone, whatever their library") {
  std::map<std::string, int> left_out;
  const auto table = products(10, "DeepGEMM", " v1");
  const Measurements m =
      measurements(kDense, table, recorded(products(8, "cuBLASLt", " v13")), true, left_out);
  CHECK(m.all.size() == 8);
  CHECK(m.records_alone);
  CHECK(left_out.empty());
}

TEST_CASE("records that are preferred and too few leave the table as it is") {
  std::map<std::string, int> left_out;
  const auto table = products(10, "DeepGEMM", " v1");
  const Measurements m =
      measurements(kDense, table, recorded(products(7, "cuBLASLt", " v13")), true, left_out);
  CHECK(m.all.size() == 10);
  CHECK(m.records == 0);
  CHECK(left_out.at("dense_gemm_fp8: of cuBLASLt, the family is fitted to DeepGEMM") == 7);
}

TEST_CASE("without a table eight places are wanted, however many records there are of fewer") {
  const std::vector<Record> twice =
      together(products(4, "cuBLASLt", " v13, graph"), products(4, "cuBLASLt", " v13, cold"));
  std::map<std::string, int> left_out;
  CHECK(measurements(kDense, {}, recorded(twice), false, left_out).all.empty());
  CHECK(left_out.at(
            "dense_gemm_fp8: a family without a table wants 8 places or more of one library, the most are of "
            "cuBLASLt: 4") == 8);
  CHECK(measurements(kDense, {}, recorded(products(8, "cuBLASLt", " v13")), false, left_out).all.size() == 8);
}

TEST_CASE("of several libraries the one with most places is fitted, whichever comes first") {
  const std::vector<Record> one = products(1, "cuBLASLt", " v12"), many = products(9, "DeepGEMM", " v2");
  for (const auto& all : {together(one, many), together(many, one)})
    for (const bool table : {false, true}) {
      std::map<std::string, int> left_out;
      const Measurements m =
          measurements(kDense, table ? products(10, "CUTLASS", " v3") : std::vector<Record>(), recorded(all),
                       true, left_out);
      CHECK(m.records == 9);
      CHECK(m.records_alone);
      CHECK(left_out ==
            std::map<std::string, int>{{"dense_gemm_fp8: of cuBLASLt, the family is fitted to DeepGEMM", 1}});
    }
  std::map<std::string, int> left_out;
  const auto equal = together(products(8, "DeepGEMM", " v2"), products(8, "CUTLASS", " v3"));
  CHECK(measurements(kDense, {}, recorded(equal), false, left_out).all.front().library_name == "CUTLASS");
}

TEST_CASE("where no library has enough places, nothing is said to be fitted to one") {
  std::map<std::string, int> left_out;
  const auto few = together(products(2, "cuBLASLt", " v12"), products(7, "DeepGEMM", " v2"));
  CHECK(measurements(kDense, {}, recorded(few), false, left_out).all.empty());
  CHECK(left_out ==
        std::map<std::string, int>{
            {"dense_gemm_fp8: a family without a table wants 8 places or more of one library, the "
             "most are of DeepGEMM: 7",
             9}});
}

TEST_CASE("a library is known by its whole name, whatever stands in it") {
  std::map<std::string, int> left_out;
  const auto two = together(products(5, "acme vector", " v2"), products(5, "acme vortex, fast", " v2"));
  CHECK(measurements(kDense, {}, recorded(two), true, left_out).all.empty());
  const auto table = products(10, "DeepGEMM", " v1");
  left_out.clear();
  const auto variant = recorded(products(9, "DeepGEMM variant of mine", " v2"));
  CHECK(measurements(kDense, table, variant, false, left_out).records == 0);
  CHECK(left_out.at("dense_gemm_fp8: of DeepGEMM variant of mine, the family is fitted to DeepGEMM") == 9);
}

}  // namespace
}  // namespace tideline::calib
