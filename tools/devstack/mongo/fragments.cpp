#include "devstack/mongo/fragments.hpp"

#include <algorithm>
#include <vector>

#include "devstack/mongo/errors.hpp"
#include "devstack/mongo/keystring.hpp"

namespace halcyon::devstack::mongo {
namespace {

// Its last part is the fragment's number, from 0.
Token fragment_token(const Token& event, std::size_t number) {
    std::string key;
    append_integer_key(key, static_cast<std::int64_t>(number), nullptr);
    Token own = event;
    own.data.insert(own.data.size() - 2, to_hex(key));
    return own;
}

std::string fragment(const Token& token, std::size_t number, std::size_t of,
                     const std::vector<std::string_view>& fields) {
    Builder out;
    out.add("_id", View(token.to_bson()));
    out.begin_document("splitEvent").add("fragment", static_cast<std::int32_t>(number + 1));
    out.add("of", static_cast<std::int32_t>(of)).end();
    for (const std::string_view field : fields) out.raw(field);
    return out.finish();
}

}  // namespace

std::deque<std::pair<std::string, Token>> fragments_of(View event, const Token& token, std::size_t most) {
    struct Part {
        std::string_view name, raw;
    };
    std::vector<Part> fields;
    for (auto it = event.begin(); it != View::Iterator(); ++it) {
        if (it->name != "_id") fields.push_back({it->name, it.raw()});
    }
    std::sort(fields.begin(), fields.end(), [](const Part& a, const Part& b) {
        return std::pair(a.raw.size(), a.name) < std::pair(b.raw.size(), b.name);
    });
    const std::size_t room = most - std::min(most, token.to_bson().size());
    std::vector<std::vector<std::string_view>> parts;
    for (auto field = fields.begin(); field != fields.end();) {
        std::size_t used = fragment(fragment_token(token, parts.size()), parts.size(), 0, {}).size();
        auto& part = parts.emplace_back();
        do {
            part.push_back(field->raw);
            used += field->raw.size();
        } while (++field != fields.end() && used + field->raw.size() <= room);
        if (used > room)
            throw CommandError(7182500,
                               "Splitting change event failed: fragment size " + std::to_string(used) +
                                   " is greater than maximum allowed fragment size " + std::to_string(room));
    }
    std::deque<std::pair<std::string, Token>> out;
    for (std::size_t i = 0; i < parts.size(); ++i) {
        Token own = fragment_token(token, i);
        std::string bytes = fragment(own, i, parts.size(), parts[i]);
        out.emplace_back(std::move(bytes), std::move(own));
    }
    return out;
}

}  // namespace halcyon::devstack::mongo
