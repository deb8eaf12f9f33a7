// Updates: modifiers, pipelines and replacements applied to one document, and what changed as the oplog tells
// it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "devstack/mongo/bson.hpp"
#include "devstack/mongo/projection.hpp"

namespace halcyon::devstack::mongo {

struct UpdateResult {
    std::string document;
    bool changed = false;
    bool replacement = false;  // the event is a `replace`; else `description` tells what changed
    std::string description;   // {updatedFields: {..}, removedFields: [..]}
};

class Update {
  public:
    // `u` is a document of modifiers, a replacement or a pipeline. Throws CommandError for what it doesn't
    // know.
    explicit Update(const Value& u);
    ~Update();
    Update(Update&&) noexcept;
    Update& operator=(Update&&) noexcept;

    bool is_replacement() const;
    UpdateResult apply(View document, bool upserting = false) const;
    // The document that an upsert inserts where nothing matched the query.
    std::string insert_for(View query) const;

    struct Impl;

  private:
    std::unique_ptr<Impl> impl_;
};

// With its _id first, made up where there is none. Throws CommandError where it may not be one.
std::string with_id(View document);
// 12 fresh bytes.
std::string new_object_id();

}  // namespace halcyon::devstack::mongo
