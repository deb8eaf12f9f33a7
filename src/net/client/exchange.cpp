#include "net/client/exchange.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace halcyon::net {
namespace {

bool token(std::string_view text) {
    constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::ranges::all_of(text, [&](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

bool field_value(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == text.npos;
}

bool origin_form(std::string_view target) {
    return target.starts_with('/') &&
           std::ranges::all_of(target, [](char c) { return c > 0x20 && c < 0x7f; });
}

auto unwritable(std::string_view what) {
    return fail(Verdict::reject, Cause::invalid, fmt::format("request: {}", what));
}

}  // namespace

Result<std::string> encode_head(const Request& request, std::string_view base, std::string_view authority,
                                const std::vector<Header>& always) {
    if (!token(request.method)) return unwritable("its method is no token");
    if (!origin_form(request.target))
        return unwritable("its target is not percent-encoded, or does not begin with /");
    auto head = fmt::format("{} {}{} HTTP/1.1\r\nHost: {}\r\nUser-Agent: halcyon\r\n", request.method, base,
                            request.target, authority);
    for (const auto* headers : {&always, &request.headers})
        for (const auto& [name, value] : *headers) {
            if (!token(name)) return unwritable("a header's name is no token");
            if (!field_value(value))
                return unwritable(fmt::format("the value of {} has a line break in it", name));
            head += fmt::format("{}: {}\r\n", name, value);
        }
    const auto bytes = request.body_bytes();
    if (bytes > 0 || (request.method != "GET" && request.method != "HEAD"))
        head += fmt::format("Content-Length: {}\r\n", bytes);
    head += "\r\n";
    return head;
}

Task<Exchange> exchange(Stream& stream, const std::string& head, const Request& request,
                        MessageLimits limits) {
    Exchange result;
    std::vector<asio::const_buffer> buffers{asio::buffer(head), asio::buffer(request.body)};
    for (const auto& piece : request.more) buffers.push_back(asio::buffer(piece));
    const auto sent = co_await write_all(stream, buffers, true);
    result.written = sent.bytes;
    result.whole = !sent.error;
    if (sent.error) result.write_trouble = sent.error.message();
    if (sent.bytes == 0) co_return result;
    result.read = co_await read_reply(stream, limits);
    co_return result;
}

}  // namespace halcyon::net
