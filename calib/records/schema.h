// The schema of a record as JSON Schema (draft 2020-12), made from record.h:
// calib/records/record.schema.json.
#pragma once

#include <string>

namespace tideline::records {

std::string json_schema();

}  // namespace tideline::records
