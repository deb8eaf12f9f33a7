// Aggregation stages.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "devstack/mongo/store.hpp"

namespace halcyon::devstack::mongo {

// A stage that works on one document: false drops it. Throws CommandError for a specification that it doesn't
// know.
using DocumentStage = std::function<bool(std::string& document)>;
bool is_document_stage(std::string_view name);
DocumentStage document_stage(std::string_view name, const Value& spec);

// Whether any server of this kind has such a stage; others are refused with 40324.
bool known_stage(std::string_view name);
// The name of a stage of a pipeline, checked: an object of one field, with a known name.
Element stage_of(const Value& item);

struct PipelineResult {
    std::vector<Doc> documents;
    bool written = false;  // by $out or $merge
};
// Runs a pipeline (without $changeStream) over a collection, which may not exist.
PipelineResult run_pipeline(Store& store, const std::string& db, const std::string& collection, View pipeline,
                            const std::string& host);

// Sorts by a specification as `sort` takes it.
void sort_documents(std::vector<Doc>& documents, View specification);

}  // namespace halcyon::devstack::mongo
