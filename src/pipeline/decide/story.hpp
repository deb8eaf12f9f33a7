// What all sides say about one document, and what follows from it. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "core/ports/sink.hpp"
#include "core/status.hpp"
#include "core/story.hpp"
#include "pipeline/decide/recent.hpp"
#include "render/route.hpp"

namespace halcyon::pipeline {

/// One collection that the document's namespace is routed to.
struct CollectionFacts {
    CollectionName collection;
    std::string phase;             // of the route's scan: waiting, scanning, sweeping, held, done
    std::string filter;            // extended JSON; empty: every document
    std::optional<bool> passes{};  // the filter's verdict; nothing: there is no document to judge
    /// What the collection should hold of the document as the source has it now; nothing: not known.
    std::optional<render::Wanted> should{};
    std::uint32_t chunks = 0;      // that it should be
    std::optional<Error> unfit{};  // why it can never be rendered
    bool paused = false;
    std::string pause{};  // why
    Stored stored{};
    std::optional<HeldDocument> held{};  // nothing: Qdrant could not be asked
    std::optional<Error> unasked{};      // why
    bool in_flight = false;
    bool in_doubt = false;
};

struct DocumentFacts {
    DocumentKey key;
    WallTime asked{};
    bool streaming = false;
    std::string trouble{};  // why it does not stream
    bool retries = true;    // failed documents are tried again by themselves
    std::uint32_t attempts = 5;
    std::chrono::milliseconds doubt_window{};
    /// Of the look-up in the source; nothing: it could not be asked, or there is no route.
    std::optional<Story::Source> source{};
    std::optional<Error> unasked{};              // why
    std::vector<std::string> routed{};           // the namespaces that have routes
    std::vector<CollectionFacts> collections{};  // none: no route leads from the namespace
    std::vector<Recent::Entry> events{};         // oldest first
    bool known() const;  // the source, a collection or the state holds something of it
};

/// The whole answer for one collection.
struct Conclusion {
    /// synced, not_wanted, gone, on_its_way, in_doubt, waits, failed, dead_letter, unfit, differs, left_over,
    /// unknown. Scripts read it.
    std::string state;
    /// "synced: nothing to do": what is so, why, what happens next and when.
    std::string sentence;
};
Conclusion conclude(const DocumentFacts& document, const CollectionFacts& collection);
/// All of it, for whoever asked.
Story tell(const DocumentFacts& document);
/// The same where there is no collection.
std::string no_route(const DocumentFacts& document);

/// "2026-01-31 12:00:00 UTC"
std::string utc(WallTime t);

}  // namespace halcyon::pipeline
