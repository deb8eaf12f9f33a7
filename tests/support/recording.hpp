// The recorded replies of real MongoDB servers (tests/fixtures/mongodb-*.json), as BSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::test {

/// BSON bytes of extended JSON; throws on malformed text.
std::string bson(std::string_view json);
/// Canonical extended JSON of BSON bytes.
std::string json(std::string_view bson);

struct RecordedRow {
    std::string scenario;
    std::string database;
    std::string command;  // BSON
    std::string reply;    // BSON; empty: it failed
    std::string failure;  // BSON; empty: it went well

    /// The command's name and what it names: "aggregate docs", "getMore".
    std::string name() const;
    std::string errmsg() const;
    int code() const;
    /// Events of a stream's reply (firstBatch or nextBatch), each as BSON.
    std::vector<std::string> batch() const;
};

/// All rows of `mongodb-<name>.json`.
const std::vector<RecordedRow>& recording(const std::string& name);
/// Those of a scenario.
std::vector<RecordedRow> scenario(const std::string& name, std::string_view scenario);

/// The first reply, or failure with that code, that was recorded under a name. Throws where there is none.
std::string first_reply(const char* file, std::string_view name);
std::string first_failure(const char* file, std::string_view name, int code);

}  // namespace halcyon::test
