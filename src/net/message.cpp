#include "net/message.hpp"

#include <boost/asio/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/status.hpp>
#include <boost/beast/http/string_body.hpp>

namespace halcyon::net {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::size_t read_bytes = 64 * 1024;
constexpr std::size_t least_read_bytes = 4 * 1024;  // what a connection that rests costs
constexpr int most_interim_replies = 16;

enum class Until { head, end };

/// How much to read at once: little, then more while the peer fills it.
class ReadSize {
  public:
    explicit ReadSize(std::size_t first) : next_(first) {}
    std::size_t next() const { return next_; }
    void got(std::size_t bytes) {
        if (bytes == next_) next_ = std::min(2 * next_, read_bytes);
    }

  private:
    std::size_t next_;
};

/// A field that goes on in the next line: some readers see two fields (RFC 9112, 5.2).
bool folded(const beast::flat_buffer& buffer, std::size_t bytes) {
    const std::string_view head(static_cast<const char*>(buffer.cdata().data()), bytes);
    return head.find("\n ") != head.npos || head.find("\n\t") != head.npos;
}

/// Parses what is in `buffer` and reads on until the head, or all, of the message is there.
template <class Parser>
Task<ErrorCode> fill(Stream& stream, beast::flat_buffer& buffer, Parser& parser, Until until, ReadSize& size,
                     std::size_t& received) {
    for (;;) {
        if (until == Until::head ? parser.is_header_done() : parser.is_done()) co_return ErrorCode{};
        if (buffer.size() > 0) {
            ErrorCode error;
            const auto used = parser.put(buffer.data(), error);
            if (until == Until::head && folded(buffer, used)) error = http::error::bad_field;
            buffer.consume(used);
            if (error && error != http::error::need_more) co_return error;
            if (!error && used > 0) continue;
        }
        const auto moved = co_await stream.read_some(buffer.prepare(size.next()));
        if (moved.error == asio::error::eof) {
            if (!parser.got_some()) co_return http::error::end_of_stream;
            ErrorCode error;
            parser.put_eof(error);
            if (!error && !parser.is_done()) error = http::error::partial_message;
            co_return error;
        }
        if (moved.error) co_return moved.error;
        buffer.commit(moved.bytes);
        size.got(moved.bytes);
        received += moved.bytes;
    }
}

template <class Fields>
Headers headers_of(const Fields& fields) {
    Headers headers;
    for (const auto& field : fields)
        headers.all.emplace_back(std::string(field.name_string()), std::string(field.value()));
    return headers;
}

/// A request whose end another reader (a proxy before us) could see elsewhere: RFC 9112, 6.1 and 6.3.
template <class Message>
bool ambiguous(const Message& message) {
    const auto lengths = message.count(http::field::content_length);
    const auto codings = message.count(http::field::transfer_encoding);
    if (lengths + codings > 1 || message.count(http::field::host) > 1) return true;
    if (message.version() != 10 && message.version() != 11) return true;
    // Beast takes "1, 1" for 1.
    if (message[http::field::content_length].find_first_not_of("0123456789") != beast::string_view::npos)
        return true;
    return codings == 1 &&
           (message.version() == 10 || !beast::iequals(message[http::field::transfer_encoding], "chunked"));
}

bool by_the_peer(ErrorCode error) {
    return error.category() == http::make_error_code(http::error{}).category();
}

}  // namespace

Task<ReplyRead> read_reply(Stream& stream, MessageLimits limits) {
    ReplyRead read;
    beast::flat_buffer buffer;
    ReadSize size(read_bytes);
    for (int i = 0; i < most_interim_replies; ++i) {
        http::response_parser<http::string_body> parser;
        parser.eager(true);
        parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes));
        parser.body_limit(limits.body_bytes);
        const auto error = co_await fill(stream, buffer, parser, Until::end, size, read.received);
        if (error) {
            read.trouble = error == http::error::end_of_stream ? "the connection was closed without a reply"
                           : error == http::error::partial_message
                               ? "the connection was closed in the middle of the reply"
                           : by_the_peer(error) ? "malformed reply: " + error.message()
                                                : error.message();
            co_return read;
        }
        const auto status = parser.get().result_int();
        if (status < 200 && status != 101) continue;
        read.keep_alive = parser.keep_alive() && buffer.size() == 0;
        auto message = parser.release();
        read.reply = Reply{status, headers_of(message), std::move(message.body())};
        co_return read;
    }
    read.trouble = "malformed reply: interim replies without end";
    co_return read;
}

struct RequestReader::State {
    using Parser = http::request_parser<http::string_body>;
    State(Stream& s, MessageLimits l) : stream(s), limits(l) {}

    Step step(ErrorCode error) const {
        if (!error) return Step::ok;
        if (error == http::error::header_limit || error == http::error::buffer_overflow)
            return Step::long_head;
        if (error == http::error::body_limit) return Step::large_body;
        if (error == http::error::end_of_stream || error == http::error::partial_message) return Step::broken;
        return by_the_peer(error) ? Step::malformed : Step::broken;
    }

    Stream& stream;
    MessageLimits limits;
    beast::flat_buffer buffer;
    ReadSize size{least_read_bytes};
    std::optional<Parser> parser;
    std::size_t received = 0;
};

RequestReader::RequestReader(Stream& stream, MessageLimits limits)
    : state_(std::make_unique<State>(stream, limits)) {}
RequestReader::~RequestReader() = default;

Task<RequestReader::Step> RequestReader::begin() {
    auto& s = *state_;
    s.parser.emplace();
    s.parser->eager(false);
    s.parser->header_limit(static_cast<std::uint32_t>(s.limits.header_bytes));
    s.parser->body_limit(s.limits.body_bytes);
    if (s.buffer.size() > 0) co_return Step::ok;
    if (s.buffer.capacity() > least_read_bytes) s.buffer = {};
    s.size = ReadSize(least_read_bytes);
    const auto moved = co_await s.stream.read_some(s.buffer.prepare(least_read_bytes));
    if (moved.error) co_return Step::closed;
    s.buffer.commit(moved.bytes);
    co_return Step::ok;
}

Task<RequestReader::Step> RequestReader::head() {
    auto& s = *state_;
    const auto step = s.step(co_await fill(s.stream, s.buffer, *s.parser, Until::head, s.size, s.received));
    co_return step == Step::ok&& ambiguous(s.parser->get()) ? Step::malformed : step;
}

Task<RequestReader::Step> RequestReader::body() {
    auto& s = *state_;
    s.parser->eager(true);
    co_return s.step(co_await fill(s.stream, s.buffer, *s.parser, Until::end, s.size, s.received));
}

RequestReader::Head RequestReader::take_head() {
    const auto& parser = *state_->parser;
    const auto& message = parser.get();
    Head head{.method = std::string(message.method_string()),
              .target = std::string(message.target()),
              .headers = headers_of(message),
              .keep_alive = parser.keep_alive(),
              .old = message.version() < 11};
    const auto expect = head.headers.find("Expect");
    head.expects_continue = expect && equal_without_case(*expect, "100-continue");
    head.body_bytes = parser.chunked() ? state_->limits.body_bytes
                                       : static_cast<std::size_t>(parser.content_length().value_or(0));
    return head;
}

std::string RequestReader::take_body() { return std::move(state_->parser->get().body()); }

std::string RequestReader::take_rest() {
    auto& buffer = state_->buffer;
    std::string rest(static_cast<const char*>(buffer.data().data()), buffer.size());
    buffer.clear();
    return rest;
}

std::string_view reason_of(unsigned status) {
    const auto reason = http::obsolete_reason(http::int_to_status(status));
    return {reason.data(), reason.size()};
}

}  // namespace halcyon::net
