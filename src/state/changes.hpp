// What a group of commits changes, decided on values: the rules of core/commit.hpp, without a data base.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "core/commit.hpp"
#include "core/ports/state_store.hpp"

namespace halcyon::state {

enum class Family { meta, receipts, owed, owed_by_due, dead, namespaces, snapshots, by_change };
inline constexpr std::size_t family_count = 8;

/// Names of records in Family::meta.
namespace meta {
inline constexpr std::string_view frontier = "frontier";
inline constexpr std::string_view note = "note/";    // + name
inline constexpr std::string_view count = "count/";  // + collection
}  // namespace meta

using CountsByCollection = std::map<CollectionName, CollectionCounts>;

/// A row before and after the group.
template <class T>
struct Row {
    const ReceiptKey* key;  // in the commit that touched it first
    std::optional<T> before;
    std::optional<T> now;
    bool changed = false;
    /// Whether `before` must be read; false: it is known that there is none.
    bool unknown = false;
};

/// The rows of one family that a group touches, by their key as bytes.
template <class T>
using Rows = std::unordered_map<std::string, Row<T>>;

/// Used once: `touch` every commit, read `before` of the rows that are unknown, then `write` every commit in
/// the same order, then `emit`. REQUIRES: the commits outlive it.
class Changes {
  public:
    explicit Changes(const CountsByCollection& counts) : counts_(counts) {}

    void touch(const Commit& commit);

    Rows<Receipt> receipts;
    Rows<Owed> owed;
    Rows<DeadLetter> dead;
    /// The stored bytes of one unknown row. Errors: fatal/corrupted.
    template <class T>
    static Result<> found(Row<T>& row, std::string_view bytes);

    void write(const Commit& commit);

    /// Where the result goes.
    class Out {
      public:
        virtual ~Out() = default;
        virtual void put(Family family, std::string_view key, std::string_view value) = 0;
        virtual void erase(Family family, std::string_view key) = 0;
    };
    /// Everything that is different now, in the list of documents by their last change too if it is
    /// `listed`; returns the counts of the collections that changed.
    CountsByCollection emit(Out& out, bool listed) const;

  private:
    template <class T>
    void touch_row(Rows<T>& rows, const ReceiptKey& key, const std::string& bytes, std::uint64_t stored);
    void expire(const ReceiptKey& key, const Version& version);
    const CollectionCounts& counts_of(const CollectionName& collection) const;

    const CountsByCollection& counts_;
    // Last one wins; nothing erases.
    std::map<std::string, std::optional<std::string>> namespaces_;
    std::map<std::string, std::optional<std::string>> snapshots_;
    std::map<std::string, std::string> meta_;
};

}  // namespace halcyon::state
