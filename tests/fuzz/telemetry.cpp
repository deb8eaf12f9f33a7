// Clients' messages to the telemetry beside a state that changes: whatever they say, what they are told is
// JSON, numbered, and brings them to the state that there is. Each line: what happens (1 byte), then its
// text.
#include <boost/json.hpp>
#include <map>
#include <string>

#include "admin/telemetry/session.hpp"
#include "core/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "support/merge_patch.hpp"

namespace halcyon::fuzz {
namespace {

namespace json = boost::json;
using admin::Session;

class Client {
  public:
    void take(const std::string& text) {
        HOLDS(utf8::valid(text));
        const auto message = json::parse(text).as_object();
        const auto type = message.at("type").as_string();
        if (const auto* seq = message.if_contains("seq"))
            HOLDS(*seq == ++seq_);
        else
            HOLDS(type == "hello" || type == "pong" || type == "error");
        if (type == "error") HOLDS(message.at("problem").at("status") == 400);
        if (type == "events" || type == "log")
            HOLDS(message.at("data").as_array().size() <= admin::most_rows);
        if (type != "snapshot" && type != "delta") return;
        const std::string topic(message.at("topic").as_string());
        HOLDS(type == "snapshot" || state_.contains(topic));
        state_[topic] = type == "snapshot" ? message.at("data")
                                           : testing::merge_patched(state_[topic], message.at("data"));
    }
    const std::map<std::string, json::value>& state() const { return state_; }

  private:
    std::map<std::string, json::value> state_;
    std::uint64_t seq_ = 0;
};

void drain(Session& session, admin::Sources& sources, const api::Snapshot& snapshot, Instant now,
           Client& client) {
    if (session.round(now)) sources.board.update(snapshot, {});
    std::size_t sent = 0;
    while (const auto message = session.next(sources, now, snapshot.now)) {
        client.take(*message);
        HOLDS(++sent <= Session::most_answers + admin::topic_names.size() + 1);
    }
}

/// Whoever wants a topic knows what a newcomer is told.
void check(Session& session, admin::Sources& sources, const api::Snapshot& snapshot, const Client& client) {
    Session other("1", admin::Role::viewer, {});
    HOLDS(other.hear(R"({"type":"subscribe","topics":["pipeline","collections","jobs","fanout"]})", sources,
                     {}));
    Client fresh;
    drain(other, sources, snapshot, {}, fresh);
    HOLDS(session.subscription().has_value());
    for (const auto& [topic, value] : fresh.state()) {
        const auto* at = std::find(admin::topic_names.begin(), admin::topic_names.end(), topic);
        const auto index = static_cast<std::size_t>(at - admin::topic_names.begin());
        if (session.subscription()->topics.at(index)) HOLDS(client.state().at(topic) == value);
    }
}

}  // namespace

void run(Input input) {
    Instant now{};
    api::Snapshot snapshot;
    admin::Sources sources;
    Session session("1", admin::Role::viewer, now);
    Client client;
    auto& o = snapshot.overview;
    while (!input.empty()) {
        const auto what = input.choice(8);
        const std::string text(input.line());
        switch (what) {
            case 0:
                static_cast<void>(session.hear(text, sources, now));
                break;
            case 1:
                o.collections.emplace_back();
                o.collections.back().name = text;
                break;
            case 2:
                if (!o.collections.empty()) o.collections.pop_back();
                break;
            case 3:
                o.trouble = text;
                o.events += text.size();
                break;
            case 4:
                sources.log.put(static_cast<log::Level>(text.size() % 6), text, text, {});
                break;
            case 5:
                sources.events.put(
                    {{"a", text}, DocId::parse("5").value()},
                    {{}, CollectionName(text), static_cast<Happened>(text.size() % happened_count), {}});
                break;
            case 6:
                o.lag = text.empty() ? std::nullopt : std::optional(std::chrono::milliseconds(text.size()));
                o.held = {{text, text}};
                break;
            default:
                now += std::chrono::milliseconds(100 + 100 * text.size());
                drain(session, sources, snapshot, now, client);
        }
    }
    now += std::chrono::seconds(10);
    drain(session, sources, snapshot, now, client);
    check(session, sources, snapshot, client);
}

}  // namespace halcyon::fuzz
