// What the pipeline is given; nothing here is owned by it, and all of it outlives it.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "async/budget.hpp"
#include "async/clock.hpp"
#include "async/pool.hpp"
#include "base/random.hpp"
#include "core/ports/change_feed.hpp"
#include "core/ports/document_reader.hpp"
#include "core/ports/embedder.hpp"
#include "core/ports/sink.hpp"
#include "core/ports/state_store.hpp"
#include "core/ports/status_writer.hpp"
#include "core/ports/vector_cache.hpp"
#include "core/ports/writer_marks.hpp"

namespace halcyon::pipeline {

struct Ports {
    ChangeFeed& feed;
    DocumentReader& reader;
    Sink& sink;
    CommitStore& store;
    StateReader& state;
    std::map<std::string, Embedder*> embedders;
    async::Clock& clock;
    Random& random;
    /// What the feed charges its events against; half full of a paused collection's work means that it
    /// becomes owed.
    async::ByteBudget* stream_budget = nullptr;
    /// Where vectors are looked up before they are paid for; nothing: they never are.
    VectorCache* vectors = nullptr;
    /// Where it is written how documents stand; nothing: nowhere, and the source is only read.
    StatusWriter* status_writer = nullptr;
    /// Where one halcyon tells others that it writes; nothing: it is the only one.
    WriterMarks* marks = nullptr;
};

}  // namespace halcyon::pipeline
