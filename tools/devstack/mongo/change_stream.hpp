// Change streams as a cursor over the oplog.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "devstack/mongo/cursor.hpp"
#include "devstack/mongo/pipeline.hpp"
#include "devstack/mongo/token.hpp"

namespace halcyon::devstack::mongo {

struct SplitCounter {
    std::int64_t events = 0;
};

struct StreamTraits {
    int history_lost_code = 136;    // what a lost position answers: 136 on 4.2, 286 on newer servers
    bool split_large = false;       // $changeStreamSplitLargeEvent is known
    bool truncated_arrays = false;  // updateDescription has them
    std::size_t event_bytes = 0;    // larger events are refused, or split
    SplitCounter* splits = nullptr;
};

class ChangeStream final : public Cursor {
  public:
    // `db` and `name` as the command had them; an empty name is a database's or (on admin) the deployment's
    // stream. Throws CommandError.
    ChangeStream(Store& store, Oplog& oplog, const StreamTraits& traits, const std::string& db,
                 const std::string& name, View pipeline);

    std::optional<std::string> post_batch_token() const override;
    bool awaits() const override { return true; }
    // When the next entry of the oplog can be seen.
    std::optional<std::chrono::steady_clock::time_point> next_visible() const {
        return oplog_.visible_at(position_);
    }

  protected:
    Next next(std::string_view& document) override;
    void put_back() override;

  private:
    enum class Scope { collection, database, deployment };
    void parse(View options);
    void start(ClusterTime time);
    bool concerns(const Entry& entry) const;
    bool invalidates(const Entry& entry) const;
    void build(const Entry& entry, const Token& token);
    std::string invalidate_event(const Entry& entry, const Token& token) const;
    void look_up(const Entry& entry, Builder& out);
    bool emit(std::string event, Token token);
    std::size_t split_above() const;
    bool must_split(const Token& token) const;
    bool split(const Token& token);
    std::optional<std::size_t> resumed_at_fragment(const Token& token) const;
    bool next_fragment();
    [[noreturn]] void position_lost(bool opening) const;

    Store& store_;
    Oplog& oplog_;
    StreamTraits traits_;
    Scope scope_ = Scope::collection;
    std::string db_;
    std::string name_;
    bool lookup_ = false;
    bool splitting_ = false;
    std::vector<DocumentStage> stages_;

    std::uint64_t position_ = 0;
    DecodedToken after_;     // events up to it are skipped
    bool must_see_ = false;  // its event has to be found before any later one is given
    Token token_;
    Token before_token_;  // the one before the last event, should that not fit
    std::string event_;
    std::deque<std::pair<std::string, Token>> fragments_;  // of a split event, without the first one
    std::string invalidate_;                               // follows the last event
    Token invalidate_token_;
    bool closed_ = false;
    CollectionPtr looked_up_;
};

}  // namespace halcyon::devstack::mongo
