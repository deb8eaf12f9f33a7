// From a failure of the driver or the server to what the caller should do. Pure.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"

namespace halcyon::mongo {

/// A failed call, as libmongoc tells it (bson_error_t and the reply).
struct Failure {
    /// Who speaks: a server (code = its error code) or the driver (code = one of libmongoc's).
    enum class Origin { server, network, selection, authentication, incompatible, driver };
    Origin origin = Origin::server;
    std::uint32_t code = 0;
    std::string message;
    bool resumable_label =
        false;  // ResumableChangeStreamError, RetryableWriteError, TransientTransactionError
    bool non_resumable_label = false;  // NonResumableChangeStreamError
};

/// What was tried, for the text and for codes that mean different things.
struct Attempt {
    enum class What { watch, read, administer };
    What what = What::read;
    /// For people: "watch database shop", "read shop.products".
    std::string doing;
    /// The right that it takes: "the role `read` on database shop"; empty where none is known.
    std::string privilege;
};

/// An event (or document) over the server's 16 MB (10334), or a field of one that is to be split (7182500).
bool too_large(const Failure& failure);
/// The server does not know the stage that splits events: an older one, an older compatibility version, or a
/// service that has left it out.
bool cannot_split(const Failure& failure);
/// 13: rights are missing.
bool unauthorized(const Failure& failure);

Error verdict(const Failure& failure, const Attempt& attempt);

}  // namespace halcyon::mongo
