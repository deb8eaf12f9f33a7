// The whole answer to "why is this document (not) in search?".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "core/ports/sink.hpp"
#include "core/status.hpp"

namespace halcyon {

/// What becomes of documents.
enum class Happened : std::uint8_t {
    // The stream said so.
    changed,
    deleted,
    too_large,
    // A collection's lane did so.
    embedded_and_written,
    payload_written,
    removed,
    held_already,
    not_wanted,
    superseded,
    owed,
    failed,
    buried,
    doubted,
};
inline constexpr std::size_t happened_count = 13;
/// "embedded_and_written", as scripts read it.
std::string_view to_string(Happened what);
std::optional<Happened> parse_happened(std::string_view text);
/// "embedded and written", for people.
std::string_view sentence(Happened what);

struct PastEvent {
    WallTime at{};
    std::optional<CollectionName> collection;  // nothing: what the stream brought
    Happened what{};
    Version version{};
};

/// One collection that the document's namespace is routed to.
struct CollectionStory {
    CollectionName collection;
    /// synced, not_wanted, gone, on_its_way, in_doubt, waits, failed, dead_letter, unfit, differs, left_over,
    /// unknown. Scripts read it.
    std::string state{};
    /// "synced: nothing to do": what is so, why, what happens next and when.
    std::string conclusion{};
    std::string phase{};           // of the route's scan: waiting, scanning, sweeping, held, done
    std::string filter{};          // extended JSON; empty: every document
    std::optional<bool> passes{};  // the filter's verdict; nothing: there is no document to judge
    /// What the collection should hold of the document as the source has it now.
    struct Content {
        std::uint32_t chunks = 0;
        std::string text{};
        Digest text_digest{};
        Digest payload_digest{};
    };
    std::optional<Content> should{};  // nothing: not known, or nothing of it
    std::optional<Error> unfit{};     // why it can never be rendered
    std::optional<std::string> paused{};
    Stored stored{};
    std::optional<HeldDocument> held{};  // nothing: Qdrant could not be asked
    std::optional<Error> unasked{};      // why
    bool in_flight = false;
    bool in_doubt = false;
};

struct Story {
    DocumentKey key;
    WallTime asked{};
    bool known = false;  // the source, a collection or the state holds something of it
    bool streaming = false;
    std::string trouble{};  // why it does not stream
    struct Source {
        bool exists = false;
        std::size_t bytes = 0;
        ClusterTime at{};
    };
    std::optional<Source> source{};              // nothing: it could not be asked, or there is no route
    std::optional<Error> unasked{};              // why
    std::string conclusion{};                    // where no route leads from the namespace; else empty
    std::vector<CollectionStory> collections{};  // none: no route leads from the namespace
    std::vector<PastEvent> events{};             // oldest first
};

}  // namespace halcyon
