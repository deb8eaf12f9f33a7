#include "app/init/settings_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "app/route_flags.hpp"
#include "base/bytes.hpp"
#include "cli/table.hpp"

namespace halcyon::app::init {
namespace {

constexpr std::size_t width = 110;

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\', out += c;
        else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
        else
            out += c;
    }
    return out;
}

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

/// A map's key: no variables are looked for in it.
std::string key(std::string_view name) {
    constexpr std::array words{"true", "false", "null", "yes", "no", "on", "off", "y", "n"};
    const auto word = lower(name);
    const auto letter = [](char c) { return c == '_' || (c >= 'a' && c <= 'z'); };
    const bool plain = !name.empty() && letter(word.front()) && std::ranges::all_of(word, [&](char c) {
        return letter(c) || (c >= '0' && c <= '9') || c == '.' || c == '-';
    }) && std::ranges::find(words, word) == words.end();
    return plain ? std::string(name) : "\"" + escaped(name) + "\"";
}

std::string value(std::string_view text) {
    auto out = key(text);
    for (auto at = out.find("${"); at != std::string::npos; at = out.find("${", at + 3))
        out.insert(at, 1, '$');
    return out;
}

/// `${NAME:-text}` in quotes. A default ends at the first `}`.
std::string variable(std::string_view name, std::string_view text) {
    std::string out;
    for (const char c : text) out += c == '}' ? std::string("%7D") : std::string(1, c);
    return fmt::format("\"${{{}:-{}}}\"", name, escaped(out));
}

/// Items behind "text: [" and before "]", in lines that are not too long.
std::string flow(const std::string& before, const std::vector<std::string>& items, std::string_view close) {
    std::string out = before;
    const std::string indent(before.size(), ' ');
    std::size_t used = out.size();
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0 && used + items[i].size() + 3 > width) {
            out += ",\n" + indent + items[i];
            used = indent.size() + items[i].size();
            continue;
        }
        out += (i > 0 ? ", " : "") + items[i];
        used += items[i].size() + 2;
    }
    return out.append(close) + "\n";
}

std::string comment(const std::string& indent, const std::string& text) {
    std::string out;
    const auto lines = cli::wrapped("", text, width - indent.size() - 2);
    for (std::size_t from = 0; from < lines.size();) {
        const auto end = lines.find('\n', from);
        out += indent + "# " + lines.substr(from, end - from) + "\n";
        from = end + 1;
    }
    return out;
}

std::string embedder(const std::string& type) {
    std::string out = "embedders:\n";
    if (type == "lexical")
        return out +
               "  # Finds words, asks no model, costs nothing. openai, tei and ollama ask one and find "
               "meanings.\n"
               "  default: { type: lexical }\n";
    out += fmt::format("  default:\n    type: {}\n", type);
    const auto url = type == "openai" ? "https://api.openai.com/v1"
                     : type == "tei"  ? "http://127.0.0.1:8080"
                                      : "http://127.0.0.1:11434";
    out += fmt::format("    url: {}\n", variable("EMBEDDING_SERVICE_URL", url));
    if (type == "openai")
        out += "    api_key: \"${OPENAI_API_KEY:-}\"   # set the variable; keep no key here\n";
    if (const auto model = usual_model(type); !model.empty()) out += fmt::format("    model: {}\n", model);
    return out;
}

std::string indexes(const std::vector<RouteProposal>& routes) {
    std::string out;
    for (const auto& r : routes) {
        std::vector<std::string> items;
        for (const auto& p : r.payload)
            if (!p.index.empty()) items.push_back(fmt::format("{}: {}", key(p.field), p.index));
        if (items.empty()) continue;
        out += fmt::format("  {}:\n", key(r.to)) + flow("    payload_indexes: { ", items, " }");
    }
    if (out.empty()) return out;
    return comment("", "Fields that searches may filter by; each index takes memory in Qdrant.") +
           "collections:\n" + out;
}

std::string route(const RouteProposal& r) {
    std::string out =
        comment("  ", fmt::format("About {} documents of {}; {} were looked at.", cli::grouped(r.documents),
                                  format_bytes(r.average_bytes), cli::grouped(r.sampled)));
    out += fmt::format("  - from: {}\n    to: {}\n", value(r.from.text()), value(r.to));
    if (!r.more_text.empty())
        out += comment("    ", fmt::format("Also texts: {}.", fmt::join(r.more_text, ", ")));
    std::vector<std::string> text, payload;
    for (const auto& field : r.text) text.push_back(value(field));
    out += flow("    text: [", text, "]");
    if (r.chunk) {
        const bool taken = std::ranges::any_of(r.payload, [](const auto& f) {
            return f.field == "chunk_text" || f.field.starts_with("chunk_text.");
        });
        out += comment("    ", "Many texts are long: each becomes several points, each with its own piece.") +
               fmt::format("    chunk: {{ by: words, size: 220, overlap: 40{} }}\n",
                           taken ? "" : ", text_as: chunk_text");
    }
    std::vector<std::string> left_out;
    for (const auto& [why, fields] : r.left_out)
        left_out.push_back(fmt::format("{} ({})", fmt::join(fields, ", "), why));
    if (!left_out.empty()) out += comment("    ", fmt::format("Left out: {}.", fmt::join(left_out, "; ")));
    for (const auto& p : r.payload)
        payload.push_back(p.geo ? fmt::format("{{ field: {}, geo: true }}", value(p.field)) : value(p.field));
    return out + flow("    payload: [", payload, "]");
}

}  // namespace

PublicUri public_uri(const std::string& uri) {
    PublicUri out{uri, false};
    const auto scheme = uri.find("://");
    if (scheme == std::string::npos) return out;
    const auto begin = scheme + 3;
    const auto authority = uri.substr(begin, uri.find_first_of("/?", begin) - begin);
    const auto at = authority.rfind('@');
    const auto colon = authority.find(':');
    if (at != std::string::npos && colon < at) {
        out.had_secrets = true;
        out.text = uri.substr(0, begin + colon) + uri.substr(begin + at);
    }
    const auto query = out.text.find('?');
    if (query == std::string::npos) return out;
    std::vector<std::string> kept;
    const auto options = out.text.substr(query + 1);
    for (std::size_t from = 0; from <= options.size();) {
        const auto end = std::min(options.find('&', from), options.size());
        const auto option = options.substr(from, end - from);
        // Names of options, and of properties in them, are read without case.
        const auto plain = lower(option);
        const auto name = plain.substr(0, plain.find('='));
        const bool secret = name.find("password") != std::string::npos ||
                            (name == "authmechanismproperties" && plain.find("token") != std::string::npos);
        if (secret)
            out.had_secrets = true;
        else
            kept.push_back(option);
        from = end + 1;
    }
    out.text =
        out.text.substr(0, query) + (kept.empty() ? "" : "?") + fmt::format("{}", fmt::join(kept, "&"));
    return out;
}

std::string settings_text(const Proposal& p) {
    const auto uri = public_uri(p.mongodb);
    std::string out = comment("",
                              "Written by halcyon init from a look at what is in MongoDB. Every other "
                              "setting is explained in conf/halcyon.yaml.");
    out += "mongodb:\n";
    if (uri.had_secrets)
        out +=
            comment("  ", "The password is not kept here: set MONGODB_URI to the whole connection string.");
    out += fmt::format("  uri: {}\n", variable("MONGODB_URI", uri.text));
    out += fmt::format("qdrant:\n  url: {}\n  api_key: \"${{QDRANT_API_KEY:-}}\"\n",
                       variable("QDRANT_URL", p.qdrant));
    out += embedder(p.embedder) + indexes(p.routes) + "routes:\n";
    for (const auto& r : p.routes) out += route(r);
    for (const auto& [ns, why] : p.not_routed)
        out += comment("  ", fmt::format("Not here: {} ({}).", ns, why));
    return out + "state:\n  # What halcyon remembers; on a local disk.\n  path: ./halcyon-state\n";
}

}  // namespace halcyon::app::init
