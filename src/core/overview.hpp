// What a running sidecar shows of itself: a copy that observers may keep.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/histogram.hpp"
#include "base/time.hpp"

namespace halcyon {

/// Plain counters of one collection since the start of the process.
struct CollectionStats {
    std::uint64_t embedded = 0;      // chunks
    std::uint64_t upserted = 0;      // points
    std::uint64_t payloads = 0;      // points whose payload alone was written
    std::uint64_t removed = 0;       // points asked to be removed
    std::uint64_t skipped = 0;       // documents that were held already
    std::uint64_t superseded = 0;    // works that newer ones made needless
    std::uint64_t confirmed = 0;     // documents
    std::uint64_t owed = 0;          // notes written
    std::uint64_t failed = 0;        // attempts that failed by the document's own fault, and are repeated
    std::uint64_t dead = 0;          // dead letters written
    std::uint64_t doubts = 0;        // writes whose fate was unknown
    std::uint64_t retries_good = 0;  // attempts of the retry worker after which a document is as it should be
    std::uint64_t retries_failed = 0;  // attempts of it that failed once more
};

struct RouteStatus {
    std::string from;
    std::string to;
    std::string phase;  // waiting, scanning, sweeping, held, done
    std::uint64_t scanned = 0;
    std::uint64_t estimate = 0;
};

/// What is where in a collection's lane now.
struct CollectionFlow {
    std::size_t planning = 0;   // documents that wait to be planned
    std::size_t embedding = 0;  // documents whose vectors are awaited
    std::size_t to_write = 0;   // documents that wait to be written
    std::size_t requests = 0;   // writes on the wire
    std::size_t in_doubt = 0;   // documents whose last write's fate is unknown
};

/// What the retry worker of a collection did last.
struct RetryCycle {
    bool under_way = false;
    WallTime began{};  // 0: there was none yet
    std::chrono::milliseconds took{0};
    std::uint64_t tried = 0;   // documents
    std::uint64_t good = 0;    // are as they should be
    std::uint64_t failed = 0;  // once more; the others had not ended, or were put aside
};

struct CollectionStatus {
    std::string name;
    bool paused = false;
    std::string reason;
    std::size_t in_flight = 0;
    std::size_t waiting = 0;
    std::uint64_t letters = 0;
    bool many_letters = false;  // four fifths of the bound or more
    CollectionStats stats;
    std::string embedder;
    bool paused_by_operator = false;
    CollectionFlow flow;
    RetryCycle retries;
};

/// How long the source will keep what lies behind our position.
struct HistoryStatus {
    std::optional<std::chrono::seconds> left;  // nothing: unknown, and `unknown` says why
    std::string unknown = "it was not measured yet";
    bool low = false;
    std::chrono::seconds warning{0};  // less is too little; 0: nothing is
};

/// One thing that the settings say otherwise than when the data was made.
struct SettingsChange {
    std::string from;
    std::string to;
    std::string kind;  // added, changed, gone
    std::vector<std::string> parts;
    std::uint64_t documents = 0;
    std::optional<std::uint64_t> tokens;  // of what is to be embedded, about; where somebody counted
    std::string says;
};

/// Where the time goes, since the start of the process. Seconds.
struct StageTimes {
    Histogram plan;        // a batch: receipts looked up, documents rendered and compared
    Histogram embed;       // a request to an embedder
    Histogram write;       // a request to Qdrant
    Histogram commit;      // a batch of the state
    Histogram confirm;     // a change, from its arrival to Qdrant's confirmation
    Histogram end_to_end;  // a change, from MongoDB's commit (whole seconds) to Qdrant's confirmation
};

struct CachedVectors {
    std::uint64_t hits = 0;  // texts that were not embedded, since their vector was kept
    std::uint64_t misses = 0;
    std::uint64_t bytes = 0;
};

struct WritebackFigures {
    std::uint64_t written = 0;
    std::size_t waiting = 0;
    std::uint64_t dropped = 0;
    std::uint64_t refused = 0;
    std::string trouble;       // why it waits; empty: it does not
    bool catching_up = false;  // a pass over all that is stored is under way
};

struct Overview {
    bool streaming = false;
    std::string trouble;
    std::optional<std::chrono::milliseconds> lag;
    HistoryStatus history;
    std::uint64_t events = 0;
    std::uint64_t heartbeats = 0;
    std::uint64_t reopened = 0;
    std::uint64_t rescans = 0;
    std::size_t under_way = 0;
    std::uint64_t commits = 0;
    std::uint64_t embedded_texts = 0;
    std::uint64_t embedding_requests = 0;
    std::optional<CachedVectors> vector_cache;         // nothing: there is none
    std::optional<WritebackFigures> status_writeback;  // nothing: it is off
    std::uint32_t epoch = 0;
    bool stopping = false;
    bool retries_enabled = false;  // `retry.enabled`
    /// Every route was compared once, nothing is under way, nothing waits.
    bool in_sync = false;
    /// When everything behind the position was last settled further, or was found settled; nothing: not yet.
    std::optional<WallTime> position_moved;
    std::string failure;  // of the state store: the run ends with it; empty: none
    std::vector<RouteStatus> routes;
    std::vector<CollectionStatus> collections;
    std::vector<std::pair<std::string, std::string>> held;  // guard and question
    /// Empty until it was found out.
    std::vector<SettingsChange> changes;
    StageTimes times;
};

}  // namespace halcyon
