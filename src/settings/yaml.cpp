#include "settings/yaml.hpp"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <map>
#include <sstream>

#include "base/bytes.hpp"
#include "settings/utf8.hpp"

namespace halcyon::settings {
namespace {

/// The parser counts from 0, and columns in bytes; at the end of a text its column may lie behind it.
Place place_of(const YAML::Mark& mark, std::string_view text) {
    if (mark.is_null()) return {};
    const auto at = std::min(static_cast<std::size_t>(mark.pos), text.size());
    const auto line = text.substr(0, at);
    const auto before = std::ranges::count_if(line.substr(line.rfind('\n') + 1), [](char c) {
        return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    });
    return {static_cast<std::uint32_t>(mark.line + 1), static_cast<std::uint32_t>(before + 1), {}};
}

/// A quote that is opened at `at` and never closed: yaml-cpp 0.7 takes the rest of the file for its text.
bool is_unclosed(std::string_view text, std::size_t at) {
    if (at >= text.size() || (text[at] != '\'' && text[at] != '"')) return false;
    const char quote = text[at];
    for (++at; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\')
            ++at;
        else if (text[at] == quote && quote == '\'' && text.substr(at + 1).starts_with('\''))
            ++at;
        else if (text[at] == quote)
            return false;
    }
    return true;
}

/// yaml-cpp 0.7 makes `\_` and `\N` (U+00A0, U+0085) bytes of Latin-1, and its messages may hold the first
/// byte of a character (U+FFFD here); all else that it gives is UTF-8.
std::string as_utf8(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto size = character_size(text);
        if (size > 0)
            out += text.substr(0, size);
        else if (static_cast<unsigned char>(text.front()) < 0xc0)
            out += {'\xc2', text.front()};
        else
            out += "\xef\xbf\xbd";
        text.remove_prefix(std::max<std::size_t>(size, 1));
    }
    return out;
}

/// Ends the parse: nothing after this place can be understood.
struct Stop {
    Mistake mistake;
};

std::size_t count(const Value& value) {
    std::size_t n = 1;
    for (const auto& item : value.items) n += count(item);
    for (const auto& entry : value.entries) n += count(entry.value);
    return n;
}

/// Builds values from the parser's events; yaml-cpp's own nodes forget duplicate keys.
class Builder final : public YAML::EventHandler {
  public:
    Builder(std::string_view text, const Environment& environment, Report& report)
        : text_(text), environment_(environment), report_(report) {}

    Value take() {
        auto out = std::move(root_);
        root_ = {};
        return out;
    }

    void OnDocumentStart(const YAML::Mark& mark) override {
        if (documents_++ > 0) stop(mark, "a second document begins here; a settings file holds one");
    }
    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        charge(mark, 1);
        Value v;
        v.place = place(mark);
        add(std::move(v), anchor);
    }
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        const auto found = anchors_.find(anchor);
        if (found == anchors_.end()) stop(mark, "an alias (*) can't stand inside its own anchor (&)");
        charge(mark, count(found->second));
        add(found->second, YAML::NullAnchor);
    }
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& text) override {
        charge(mark, 1);
        if (is_unclosed(text_, static_cast<std::size_t>(mark.pos)))
            stop(mark, "a quote is opened here and never closed");
        Value v = Value::of_text(as_utf8(text), tag == "?");
        v.place = place(mark);
        if (tag != "?" && tag != "!" && tag != "tag:yaml.org,2002:str" && !tag.empty())
            mistake(v.place, fmt::format("the tag {} is not used here; remove it", tag));
        if (is_value()) {
            auto replaced = substitute(v.raw, environment_);
            report_.variables.merge(replaced.used);
            if (replaced.mistake) mistake(v.place, *replaced.mistake);
            v.broken = replaced.mistake.has_value();
            if (!v.broken) v.text = std::move(replaced.text);
        }
        add(std::move(v), anchor);
    }
    void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value) override {
        open(mark, Value::of_list(), anchor);
    }
    void OnSequenceEnd() override { close(); }
    void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value) override {
        open(mark, Value::of_map(), anchor);
    }
    void OnMapEnd() override { close(); }

  private:
    struct Frame {
        Value value;
        YAML::anchor_t anchor = 0;
        std::optional<Entry> key{};   // a map's key that waits for its value
        std::vector<Value> merged{};  // maps under `<<`
    };

    Place place(const YAML::Mark& mark) const { return place_of(mark, text_); }
    void mistake(Place place, std::string text) {
        report_.mistakes.push_back({report_.file, std::move(place), path(), std::move(text)});
    }
    std::string path() const {
        std::string out;
        for (const auto& frame : frames_) {
            if (frame.value.is_list())
                out += fmt::format("[{}]", frame.value.items.size());
            else if (frame.key)
                out += (out.empty() ? "" : ".") + frame.key->key;
        }
        return out;
    }
    [[noreturn]] void stop(const YAML::Mark& mark, std::string text) const {
        throw Stop{{report_.file, place(mark), {}, std::move(text)}};
    }
    bool is_value() const {
        return frames_.empty() || !frames_.back().value.is_map() || frames_.back().key.has_value();
    }

    void open(const YAML::Mark& mark, Value value, YAML::anchor_t anchor) {
        if (!is_value()) stop(mark, "a key must be a word; quote a text that begins with { or [");
        if (frames_.size() >= static_cast<std::size_t>(max_depth))
            stop(mark, fmt::format("nested deeper than {} levels", max_depth));
        charge(mark, 1);
        value.place = place(mark);
        frames_.push_back({std::move(value), anchor});
    }
    void close() {
        Frame done = std::move(frames_.back());
        frames_.pop_back();
        for (auto& from : done.merged)
            for (auto& entry : from.entries)
                if (done.value.find(entry.key) == nullptr) done.value.entries.push_back(std::move(entry));
        add(std::move(done.value), done.anchor);
    }

    /// Keeps a file of nested anchors and aliases from growing without bound.
    void charge(const YAML::Mark& mark, std::size_t values) {
        values_ += values;
        if (values_ > max_values)
            stop(mark, fmt::format("more than {} values (aliases count in full)", max_values));
    }

    void add(Value value, YAML::anchor_t anchor) {
        if (anchor != YAML::NullAnchor && is_value()) {
            values_ += count(value);
            anchors_[anchor] = value;
        }
        if (frames_.empty()) {
            root_ = std::move(value);
            return;
        }
        Frame& frame = frames_.back();
        if (frame.value.is_list()) {
            frame.value.items.push_back(std::move(value));
        } else if (!frame.key) {
            const bool word = value.is_scalar() && !value.text.empty();
            if (!word) mistake(value.place, "a key must be a word");
            frame.key = Entry{word ? value.text : std::string(), value.place, {}};
        } else {
            Entry entry = std::move(*frame.key);
            frame.key.reset();
            entry.value = std::move(value);
            // The parser's place of a value that is not there is that of whatever follows.
            if (entry.value.is_null()) entry.value.place = entry.place;
            add_entry(frame, std::move(entry));
        }
    }
    void add_entry(Frame& frame, Entry entry) {
        if (entry.key.empty()) return;
        if (entry.key == "<<") return merge(frame, std::move(entry));
        const auto same = std::ranges::find(frame.value.entries, entry.key, &Entry::key);
        if (same == frame.value.entries.end()) {
            frame.value.entries.push_back(std::move(entry));
            return;
        }
        mistake(entry.place,
                fmt::format("\"{}\" is here a second time; the first is in line {}: keep one of them",
                            entry.key, same->place.line));
    }
    void merge(Frame& frame, Entry entry) {
        auto from =
            entry.value.is_list() ? std::move(entry.value.items) : std::vector{std::move(entry.value)};
        for (auto& value : from) {
            if (value.is_map())
                frame.merged.push_back(std::move(value));
            else
                mistake(entry.place, "\"<<\" takes a map or a list of maps, e.g. <<: *common");
        }
    }

    std::string_view text_;
    const Environment& environment_;
    Report& report_;
    Value root_;
    std::vector<Frame> frames_;
    std::map<YAML::anchor_t, Value> anchors_;
    std::size_t values_ = 0;
    int documents_ = 0;
};

std::string_view line_of(std::string_view text, std::uint32_t line) {
    for (; line > 1; --line) {
        const auto end = text.find('\n');
        if (end == std::string_view::npos) return {};
        text.remove_prefix(end + 1);
    }
    return text.substr(0, text.find('\n'));
}

/// The parser's message, with what people most often meant by such a line.
Mistake malformed(const YAML::Exception& e, std::string_view text) {
    Mistake out{{}, place_of(e.mark, text), {}, fmt::format("this is no YAML: {}", as_utf8(e.msg))};
    const auto line = line_of(text, out.place.line);
    const auto indent = line.substr(0, line.find_first_not_of(" \t"));
    if (indent.find('\t') != std::string_view::npos)
        out.text += "; indent with spaces, not with a tab";
    else if (line.find("${") != std::string_view::npos)
        out.text += "; put quotes around a value with ${...} inside { } or [ ]";
    else if (line.find("{{") != std::string_view::npos)
        out.text += "; put quotes around a template: \"{{name}}\"";
    return out;
}

}  // namespace

std::optional<Value> read_yaml(std::string_view text, const Environment& environment, Report& report) {
    const auto refuse = [&](Mistake m) {
        m.file = report.file;
        report.mistakes.push_back(std::move(m));
        return std::nullopt;
    };
    if (text.size() > max_file_bytes)
        return refuse(
            {{},
             {},
             {},
             fmt::format("larger than {}; a settings file is a few KiB", format_bytes(max_file_bytes))});
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    if (auto bad = bad_bytes(text)) return refuse(std::move(*bad));

    Builder builder(text, environment, report);
    try {
        std::istringstream in{std::string(text)};
        YAML::Parser parser(in);
        while (parser.HandleNextDocument(builder)) {
        }
    } catch (const Stop& s) {
        return refuse(s.mistake);
    } catch (const YAML::Exception& e) {
        return refuse(malformed(e, text));
    }
    Value root = builder.take();
    if (root.is_null())
        return refuse({{},
                       {1, 1, {}},
                       {},
                       "empty: nothing is set; conf/quickstart.yaml shows a small file that works"});
    if (!root.is_map())
        return refuse(
            {{}, root.place, {}, "the file must be a map of sections, like \"mongodb:\" and \"routes:\""});
    return root;
}

}  // namespace halcyon::settings
