#include "app/init/field_roles.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace halcyon::app::init {
namespace {

using Kind = FieldRole::Kind;

/// How much of what is there has to be of one kind.
constexpr double nearly_all = 0.9;
constexpr double most_of_it = 0.5;
/// A field in fewer of the documents is an exception, or a key of a map.
constexpr double least_share = 0.05;
/// From here on a string is prose: characters, words, and how many differ.
constexpr double prose_characters = 20, prose_words = 3, prose_distinct = 0.3;
constexpr double short_characters = 64;
constexpr std::uint64_t longest_short = 256;

/// What people search in, best first.
constexpr std::array text_names{"title",    "name",     "headline", "subject", "description", "summary",
                                "abstract", "body",     "content",  "text",    "message",     "caption",
                                "question", "answer",   "excerpt",  "bio",     "notes",       "note",
                                "comment",  "comments", "review",   "details"};
/// Of these also names that end so: shortDescription, bodyText. `name` is not among them: userName, fileName.
constexpr std::array text_endings{"title", "description", "summary", "body", "content", "text", "caption"};

constexpr std::array secret_parts{"password",   "passwd",     "passphrase",     "pwd",        "secret",
                                  "token",      "apikey",     "accesskey",      "privatekey", "credential",
                                  "creditcard", "cardnumber", "socialsecurity", "passport",   "authorization",
                                  "cookie",     "sessionid"};
constexpr std::array secret_names{"ssn", "pin", "otp", "salt", "cvv", "cvc", "iban", "taxid", "auth"};
constexpr std::array personal_parts{"email", "phone", "birthday", "birthdate", "dateofbirth"};
constexpr std::array personal_names{"mail", "mobile", "fax", "dob", "ip", "ipaddress"};
constexpr std::array code_parts{"hash", "checksum", "digest", "etag", "md5", "sha1", "sha256", "signature"};
constexpr std::array url_parts{"url", "uri", "href"};
constexpr std::array id_names{"id", "uuid", "guid", "sku", "slug", "isbn", "ean", "gtin"};

template <class Names>
bool is_one_of(std::string_view name, const Names& names) {
    return std::ranges::any_of(names, [&](std::string_view n) { return name == n; });
}
template <class Names>
bool has_one_of(std::string_view name, const Names& names) {
    return std::ranges::any_of(names, [&](std::string_view n) { return name.find(n) != name.npos; });
}

/// "api_Key" and "api-key" as "apikey".
std::string plain(std::string_view name) {
    std::string out;
    for (const char c : name) {
        if (c == '_' || c == '-' || c == ' ') continue;
        out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
}

std::vector<std::string_view> names_of(std::string_view path) {
    std::vector<std::string_view> out;
    for (std::size_t from = 0; from <= path.size();) {
        const auto end = std::min(path.find('.', from), path.size());
        out.push_back(path.substr(from, end - from));
        from = end + 1;
    }
    return out;
}

bool personal(std::string_view path) {
    return std::ranges::any_of(names_of(path), [](std::string_view n) {
        return has_one_of(plain(n), personal_parts) || is_one_of(plain(n), personal_names);
    });
}

bool names_an_id(std::string_view name) {
    return is_one_of(plain(name), id_names) || name.ends_with("_id") || name.ends_with("-id") ||
           name.ends_with("Id") || name.ends_with("ID");
}

/// Nothing: no name that promises a text.
std::optional<unsigned> text_rank(std::string_view name) {
    const auto wanted = plain(name);
    for (unsigned i = 0; i < text_names.size(); ++i)
        if (wanted == text_names[i]) return i;
    for (const std::string_view ending : text_endings)
        if (wanted.ends_with(ending)) return text_names.size();
    return {};
}

FieldRole left_out(std::string why) { return {Kind::left_out, 0, {}, std::move(why)}; }
FieldRole payload(std::string index = {}) { return {Kind::payload, 0, std::move(index), {}}; }

FieldRole role_of_strings(const FieldStats& f) {
    const auto name = names_of(f.path).back();
    const auto of_texts = [&](std::uint64_t part) { return FieldStats::share(part, f.texts); };
    if (of_texts(f.emails) >= most_of_it) return left_out("personal data");
    if (of_texts(f.dated) >= nearly_all) return payload("datetime");
    if (names_an_id(name) || of_texts(f.id_texts) >= most_of_it)
        return f.longest <= longest_short ? payload("keyword") : left_out("long and no text");
    if (of_texts(f.urls) >= most_of_it || has_one_of(plain(name), url_parts))
        return f.longest <= longest_short ? payload() : left_out("long URLs");
    if (has_one_of(plain(name), code_parts) || of_texts(f.codes) >= most_of_it)
        return left_out("hashes and codes");
    const bool list = f.string_lists > f.strings;
    const auto rank = text_rank(name);
    const bool nested = f.path.find('.') != std::string::npos;
    const bool varied = f.distinct.size() > 1 || f.texts == 1;
    if (!list && rank && varied && f.mean_characters() >= 3 && (!nested || f.distinct_share() >= most_of_it))
        return {Kind::text, *rank, {}, {}};
    // Languages without blanks between words have few of them.
    const bool worded =
        f.mean_words() >= prose_words ||
        static_cast<double>(f.not_ascii) >= prose_distinct * static_cast<double>(f.characters);
    if (!list && f.mean_characters() >= prose_characters && worded && f.distinct_share() >= prose_distinct)
        return {Kind::text, text_names.size() + 1, {}, {}};
    if (f.mean_characters() <= short_characters && f.longest <= longest_short) {
        const bool filters = list || f.distinct_share() <= most_of_it;
        return payload(filters ? "keyword" : "");
    }
    return left_out(list ? "lists of long texts" : "long, and much the same in all documents");
}

}  // namespace

bool names_a_secret(std::string_view path) {
    return std::ranges::any_of(names_of(path), [](std::string_view n) {
        return has_one_of(plain(n), secret_parts) || is_one_of(plain(n), secret_names);
    });
}

FieldRole role_of(const FieldStats& f, std::uint64_t documents) {
    const auto top = names_of(f.path).front();
    if (f.documents == 0 || top == "_id") return {};
    if (names_a_secret(f.path)) return left_out("may be secret");
    if (personal(f.path)) return left_out("personal data");
    // What frameworks and earlier systems keep for themselves: __v, _class, syncMetadata.
    if (top.starts_with('_') || top == "syncMetadata") return left_out("internal");
    if (FieldStats::share(f.documents, documents) < least_share) return left_out("in few documents");
    const auto share = [&](std::uint64_t part) { return FieldStats::share(part, f.documents); };
    if (share(f.strings + f.string_lists) >= nearly_all) return role_of_strings(f);
    if (share(f.integers) >= nearly_all) return payload("integer");
    if (share(f.integers + f.reals) >= nearly_all) return payload("float");
    // Their payload is a text, so that no digit is lost: no index of numbers reads it.
    if (share(f.integers + f.reals + f.decimals) >= nearly_all) return payload();
    if (share(f.booleans) >= nearly_all) return payload("bool");
    if (share(f.dates) >= nearly_all) return payload("datetime");
    if (share(f.ids) >= nearly_all) return payload("keyword");
    if (share(f.points) >= nearly_all) return payload("geo");
    return left_out(f.others == f.documents ? "no simple values" : "several types");
}

}  // namespace halcyon::app::init
