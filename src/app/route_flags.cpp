#include "app/route_flags.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

namespace halcyon::app {
namespace {

using settings::Entry;
using settings::Value;

/// Values of flags. Lists and maps around them have the place of the flag that opened them, for what is
/// missing inside.
struct Origin {
    std::string flag;

    Value at(Value v) const {
        v.place.origin = flag;
        return v;
    }
    Value text(std::string word) const { return at(Value::of_text(std::move(word))); }
    Value secret(std::string word) const {
        auto v = text(std::move(word));
        v.raw = "***";
        return v;
    }
    Value list(std::string_view words) const {
        std::vector<Value> items;
        for (std::size_t from = 0; from <= words.size();) {
            const auto end = std::min(words.find(',', from), words.size());
            auto word = words.substr(from, end - from);
            while (!word.empty() && word.front() == ' ') word.remove_prefix(1);
            while (!word.empty() && word.back() == ' ') word.remove_suffix(1);
            items.push_back(text(std::string(word)));
            from = end + 1;
        }
        return at(Value::of_list(std::move(items)));
    }
    Entry entry(std::string key, Value value) const {
        return {std::move(key), at({}).place, std::move(value)};
    }
};

/// A shell's quotes keep `\n` as two characters.
std::string with_line_breaks(std::string text) {
    for (auto at = text.find("\\n"); at != std::string::npos; at = text.find("\\n", at + 1))
        text.replace(at, 2, "\n");
    return text;
}

Value route_of(const RouteFlags& f) {
    const Origin from{"--from"}, to{"--to"}, text{"--text"}, payload{"--payload"};
    std::vector<Entry> route;
    const auto ns = f.from.value_or("");
    route.push_back(from.entry("from", from.text(ns)));
    auto target = f.to ? to.text(*f.to) : from.text(ns.substr(ns.find('.') + 1));
    // Without a namespace there is no name either, which is no mistake of its own.
    target.broken = !f.to && ns.empty();
    route.push_back((f.to ? to : from).entry("to", std::move(target)));
    const auto words = f.text.value_or("");
    route.push_back(text.entry("text", words.empty() || words.find("{{") != std::string::npos
                                           ? text.text(with_line_breaks(words))
                                           : text.list(words)));
    if (f.payload) route.push_back(payload.entry("payload", payload.list(*f.payload)));
    return from.at(Value::of_map(std::move(route)));
}

Value embedder_of(const RouteFlags& f, const settings::Environment& environment) {
    const Origin here{"--embedder"};
    const auto type = f.embedder.value_or("lexical");
    std::vector<Entry> embedder;
    embedder.push_back(here.entry("type", here.text(type)));
    if (const auto model = usual_model(type); !model.empty())
        embedder.push_back(here.entry("model", here.text(model)));
    const Origin variable{"environment variable OPENAI_API_KEY"};
    if (const auto key = environment.find("OPENAI_API_KEY"); type == "openai" && key != environment.end())
        embedder.push_back(variable.entry("api_key", variable.secret(key->second)));
    return here.at(Value::of_map(std::move(embedder)));
}

std::string state_of(const RouteFlags& f, const settings::Environment& environment) {
    if (f.state) return *f.state;
    const auto home = environment.find("XDG_STATE_HOME");
    // A relative one means nothing, as the XDG base directory specification has it.
    if (home != environment.end() && home->second.starts_with('/')) return home->second + "/halcyon";
    return "./halcyon-state";
}

}  // namespace

bool RouteFlags::given() const {
    return mongodb || qdrant || from || to || text || payload || embedder || state || listen;
}

std::string usual_model(const std::string& type) {
    if (type == "openai") return "text-embedding-3-small";
    return type == "ollama" ? "nomic-embed-text" : "";
}

LoadedSettings read_flags(const RouteFlags& f, const settings::Environment& environment) {
    Value root = Value::of_map();
    const auto set = [&](std::vector<std::string> path, Value value) {
        settings::fill(root, path, std::move(value));
    };
    if (f.mongodb) set({"mongodb", "uri"}, Origin{"--mongodb"}.secret(*f.mongodb));
    if (f.qdrant) set({"qdrant", "url"}, Origin{"--qdrant"}.text(*f.qdrant));
    set({"embedders", "default"}, embedder_of(f, environment));
    set({"routes"}, Origin{"--from"}.at(Value::of_list({route_of(f)})));
    if (f.listen) set({"http", "listen"}, Origin{"--listen"}.text(*f.listen));
    set({"state", "path"}, Origin{"--state"}.text(state_of(f, environment)));
    auto loaded = read_settings("flags", std::move(root), environment);
    if (!loaded.mistakes.empty()) return loaded;
    const auto& s = loaded.settings;
    const auto& route = s.pipeline.routes.front();
    loaded.notes.push_back(
        fmt::format("from flags, without a settings file: {} -> {}, embedder {}, state in {}{}",
                    route.from.text(), route.to.value(), s.embedders.at("default").type, s.state.path,
                    f.state ? "" : " (--state PATH puts it elsewhere)"));
    return loaded;
}

void add_route_flags(CLI::App& command, RouteFlags& f) {
    const std::string group = "One route without a settings file";
    const auto add = [&](const char* name, std::optional<std::string>& into, const char* help) {
        return command.add_option(name, into, help)->group(group);
    };
    add("--from", f.from, "MongoDB's database.collection; needed")->type_name("DB.COLLECTION");
    add("--text", f.text,
        "what is embedded; needed: fields that are joined by a line break, or a template such as "
        "'{{name}}: {{seller.city}}', in which \\n is a line break")
        ->type_name("FIELD,..|TEMPLATE");
    add("--to", f.to, "Qdrant's collection (default: named like MongoDB's)")->type_name("NAME");
    add("--payload", f.payload, "fields that come back with a hit (default: the whole document)")
        ->type_name("FIELD,..");
    add("--mongodb", f.mongodb,
        "connection string (default: $MONGODB_URI, else mongodb://127.0.0.1:27017/?replicaSet=rs0); one with "
        "a password belongs into the variable, where `ps` does not show it")
        ->type_name("URI");
    add("--qdrant", f.qdrant,
        "REST address (default: $QDRANT_URL, else http://127.0.0.1:6333); the key is $QDRANT_API_KEY")
        ->type_name("URL");
    add("--embedder", f.embedder,
        "lexical (the default: built in, finds words, asks no model), openai (text-embedding-3-small, "
        "$OPENAI_API_KEY), tei, ollama (nomic-embed-text); a service elsewhere: $EMBEDDING_SERVICE_URL")
        ->type_name("TYPE");
    add("--state", f.state,
        "folder of what halcyon remembers (default: $XDG_STATE_HOME/halcyon, else ./halcyon-state)")
        ->type_name("PATH");
    add("--listen", f.listen,
        "address of dashboard, API and metrics (default: 127.0.0.1:8686); \"\" for none")
        ->type_name("ADDRESS");
    command.footer("Either a settings file or these flags, for example:\n  halcyon " + command.get_name() +
                   " --from shop.products --text name,description --payload name,price\nMore than one route, "
                   "a filter, chunks: write a settings file, `halcyon init` makes one.");
}

}  // namespace halcyon::app
