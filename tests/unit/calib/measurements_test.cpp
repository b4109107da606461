// Which measurements is a family fitted to?
#include "calib/fit/measurements.h"

#include "tests/doctest.h"

namespace tideline::calib {
namespace {

const kernels::FamilyInfo& kDense = kernels::kFamilies.front();

// One of each number of rows from 1 on.
std::vector<Record> products(int places, const std::string& library) {
  std::vector<Record> all;
  for (int m = 1; m <= places; ++m)
    all.push_back({{7168, 2048, 1.0, static_cast<double>(m)}, "here", library, Seconds(1e-6 * m)});
  return all;
}

FromRecords recorded(const std::vector<Record>& products) {
  FromRecords records;
  records.families[kDense.id] = products;
  return records;
}

TEST_CASE("records of the table's library stand beside its rows, others are left out") {
  std::map<std::string, int> left_out;
  std::vector<Record> both = products(3, "DeepGEMM v2, graph");
  const std::vector<Record> other = products(9, "cuBLASLt v13");
  both.insert(both.end(), other.begin(), other.end());
  const Measurements m = measurements(kDense, products(10, "DeepGEMM v1"), recorded(both), false, left_out);
  CHECK(m.all.size() == 13);
  CHECK(m.records == 3);
  CHECK_FALSE(m.records_alone);
  CHECK(left_out == std::map<std::string, int>{
                        {"dense_gemm_fp8: of cuBLASLt, the family is fitted to DeepGEMM", 9}});
}

TEST_CASE("records that are preferred and enough stand alone, whatever their library") {
  std::map<std::string, int> left_out;
  const auto table = products(10, "DeepGEMM v1");
  const Measurements m = measurements(kDense, table, recorded(products(8, "cuBLASLt v13")), true, left_out);
  CHECK(m.all.size() == 8);
  CHECK(m.records_alone);
  CHECK(left_out.empty());
}

TEST_CASE("records that are preferred and too few leave the table as it is") {
  std::map<std::string, int> left_out;
  const auto table = products(10, "DeepGEMM v1");
  const Measurements m = measurements(kDense, table, recorded(products(7, "cuBLASLt v13")), true, left_out);
  CHECK(m.all.size() == 10);
  CHECK(m.records == 0);
  CHECK(left_out.at("dense_gemm_fp8: of cuBLASLt, the family is fitted to DeepGEMM") == 7);
}

TEST_CASE("without a table eight places are wanted, however many records there are of fewer") {
  std::vector<Record> twice = products(4, "cuBLASLt v13, graph");
  const std::vector<Record> cold = products(4, "cuBLASLt v13, cold");
  twice.insert(twice.end(), cold.begin(), cold.end());
  std::map<std::string, int> left_out;
  CHECK(measurements(kDense, {}, recorded(twice), false, left_out).all.empty());
  CHECK(left_out.at("dense_gemm_fp8: a family without a table wants 8 places or more") == 8);
  CHECK(measurements(kDense, {}, recorded(products(8, "cuBLASLt v13")), false, left_out).all.size() == 8);
}

}  // namespace
}  // namespace tideline::calib
