// A JSON Schema (draft 2020-12) of documents, for editors, made from their readers: each reader is run on
// documents that are grown, key by key, from what it asked for, until nothing new is asked. A key, a unit or
// a name that a reader takes is therefore in the schema, and no list has to be kept beside the readers.
//
// 1. The schema knows keys, units, names and ranges of single values; what hangs together (shares that add up
//    to 1) is the reader's to refuse. No key is required, because a file may extend another.
// 2. A key is found if a reader asks for it whatever others say, or because of names, flags or presence of
//    others; not if it asks only above some number: it should look first whether the key is there.
#pragma once

#include <functional>
#include <span>
#include <string>

#include "sim/config/node.h"

namespace tideline::config {

// One kind of document.
struct DocumentKind {
  std::string name, description;
  // The key that only this kind has, empty for the kind that is left when no other's is there.
  std::string marker;
  // JSON that the documents grow from: what a reader has to see before it asks for more, a name of a class,
  // say.
  std::string seed;
  std::function<void(const Document&)> read;  // may throw; what it asked before counts
  std::string variants{};  // a key whose members each lie over the rest of the document (Document::variants)
};

std::string json_schema(const std::string& title, std::span<const DocumentKind> kinds);

}  // namespace tideline::config
