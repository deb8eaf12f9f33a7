// What find, aggregate and change streams leave open between commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "devstack/mongo/bson.hpp"

namespace halcyon::devstack::mongo {

constexpr std::size_t max_document_bytes = 16777216;
// The server's own limit for what it sends: a little more, for what it adds itself.
constexpr std::size_t max_reply_document_bytes = 16793600;

class Cursor {
  public:
    virtual ~Cursor() = default;
    Cursor() = default;
    Cursor(const Cursor&) = delete;
    Cursor& operator=(const Cursor&) = delete;

    // Appends up to `limit` documents and 16 MB; whether there may be more is then known by exhausted().
    void fill(ArrayBuilder& batch, std::size_t limit);
    bool exhausted() const { return exhausted_; }
    // Of change streams: {_data, ..} after the last batch.
    virtual std::optional<std::string> post_batch_token() const { return std::nullopt; }
    // Whether an empty batch is waited for.
    virtual bool awaits() const { return false; }

    std::int64_t id = 0;
    std::string db;
    std::string collection;
    std::string session;           // lsid; empty: none
    std::int64_t txn_number = -1;  // opened in a transaction

  protected:
    enum class Next { document, nothing, closed };
    // The document is valid until the next call.
    virtual Next next(std::string_view& document) = 0;
    // Whether it is known, after a document, that none follows: then a full batch ends the cursor.
    virtual bool finished() const { return false; }
    // Called when next's document did not fit and waits for the next batch.
    virtual void put_back() {}

  private:
    std::string held_;
    bool exhausted_ = false;
};

}  // namespace halcyon::devstack::mongo
