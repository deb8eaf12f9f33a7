// MongoDB's wire protocol as bytes: OP_MSG, and OP_QUERY for the first greeting. Knows of no sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "devstack/mongo/command.hpp"

namespace halcyon::devstack::mongo {

struct MessageHead {
    static constexpr std::size_t size = 16;

    std::size_t body = 0;  // bytes that follow the head
    std::int32_t id = 0;   // what the answer names
    bool legacy = false;   // an OP_QUERY, which is answered by an OP_REPLY
    bool known = true;     // one of the two
};

// Nothing where no message begins like that. REQUIRES: MessageHead::size bytes.
std::optional<MessageHead> read_head(std::string_view bytes);

// Finds the command in `request.message`, the body behind the head. Nothing for what is no message; else
// whether an answer is wanted.
std::optional<bool> read_message(const MessageHead& head, Request& request);

// What goes before the reply's document.
std::string reply_head(const MessageHead& asked, std::size_t document);

}  // namespace halcyon::devstack::mongo
