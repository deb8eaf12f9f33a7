#include "jobs/records.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <tuple>

#include "base/log.hpp"

namespace halcyon::jobs {
namespace {

namespace json = boost::json;

constexpr std::string_view prefix = "job/";
constexpr std::int64_t form = 1;

std::string hex(std::string_view bytes) {
    std::string out;
    out.reserve(bytes.size() * 2);
    for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return out;
}

json::object progress_json(const SnapshotProgress& p) {
    json::array ranges;
    for (const auto& r : p.ranges) ranges.push_back(json::array{hex(r.min), hex(r.max), hex(r.next), r.done});
    return {{"route", p.route.hex()},
            {"started", p.started.text()},
            {"scanned", p.scanned},
            {"ranges", std::move(ranges)}};
}

json::array numbers(const JobCost& c) {
    return {c.documents, c.unchanged, c.payload_only, c.embed, c.remove, c.texts, c.characters, c.requests};
}
json::array numbers(const JobResult& r) { return {r.embedded, r.written, r.unchanged, r.removed}; }

std::optional<JobState> state_of(std::string_view name) {
    for (const auto s :
         {JobState::running, JobState::paused, JobState::done, JobState::cancelled, JobState::failed})
        if (to_string(s) == name) return s;
    return std::nullopt;
}

/// Takes values out of JSON. The first that is not what it should be spoils all: what is read then means
/// nothing.
class Reader {
  public:
    bool spoilt() const { return spoilt_; }

    Record record(const json::object& o) {
        Record out;
        auto& j = out.job;
        auto& q = j.request;
        j.id = text(o, "id");
        if (const auto* c = o.if_contains("collection")) q.collection = CollectionName(text(*c));
        if (const auto* n = o.if_contains("namespace")) q.ns = namespace_of(text(*n));
        q.mode = must(parse_backfill_mode(text(o, "mode")));
        q.dry_run = flag(at(o, "dry_run"));
        q.max_pending = number<std::uint64_t>(at(o, "max_pending"));
        j.state = must(state_of(text(o, "state")));
        j.created.ms = number<std::int64_t>(at(o, "created"));
        j.started.ms = number<std::int64_t>(at(o, "started"));
        j.updated.ms = number<std::int64_t>(at(o, "updated"));
        j.ended.ms = number<std::int64_t>(at(o, "ended"));
        j.error = text(o, "error");
        if (const auto* r = o.if_contains("result")) {
            auto& to = j.result.emplace();
            numbers(*r, {&to.embedded, &to.written, &to.unchanged, &to.removed});
        }
        if (const auto* c = o.if_contains("cost")) {
            auto& to = j.cost.emplace();
            numbers(*c, {&to.documents, &to.unchanged, &to.payload_only, &to.embed, &to.remove, &to.texts,
                         &to.characters, &to.requests});
        }
        for (const auto& v : list(at(o, "routes"))) route(object(v), out);
        return out;
    }

    template <class N>
    N number(const json::value& v) {
        boost::system::error_code wrong;
        const auto n = v.to_number<N>(wrong);
        return wrong ? spoil<N>() : n;
    }
    const json::value& at(const json::object& o, std::string_view name) {
        static const json::value none;
        const auto* v = o.if_contains(name);
        if (v == nullptr) spoilt_ = true;
        return v == nullptr ? none : *v;
    }
    std::string text(const json::object& o, std::string_view name) { return text(at(o, name)); }

  private:
    template <class T>
    T spoil() {
        spoilt_ = true;
        return {};
    }
    template <class T>
    T must(std::optional<T> v) {
        return v ? std::move(*v) : spoil<T>();
    }
    std::string text(const json::value& v) {
        return v.is_string() ? std::string(v.get_string()) : spoil<std::string>();
    }
    bool flag(const json::value& v) { return v.is_bool() ? v.get_bool() : spoil<bool>(); }
    const json::array& list(const json::value& v) {
        static const json::array none;
        spoilt_ = spoilt_ || !v.is_array();
        return v.is_array() ? v.get_array() : none;
    }
    const json::object& object(const json::value& v) {
        static const json::object none;
        spoilt_ = spoilt_ || !v.is_object();
        return v.is_object() ? v.get_object() : none;
    }
    Namespace namespace_of(const std::string& name) {
        auto ns = Namespace::parse(name);
        return ns.has_value() ? std::move(ns.value()) : spoil<Namespace>();
    }
    void numbers(const json::value& v, std::initializer_list<std::uint64_t*> into) {
        const auto& all = list(v);
        spoilt_ = spoilt_ || all.size() != into.size();
        std::size_t i = 0;
        for (auto* n : into)
            if (i < all.size()) *n = number<std::uint64_t>(all[i++]);
    }
    std::string bytes(const json::value& v) {
        const auto digits = text(v);
        std::string out;
        for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
            const auto high = digit(digits[i]);
            out += static_cast<char>(high * 16 + digit(digits[i + 1]));
        }
        spoilt_ = spoilt_ || digits.size() % 2 != 0;
        return out;
    }
    int digit(char c) {
        if (c >= '0' && c <= '9') return c - '0';
        return c >= 'a' && c <= 'f' ? c - 'a' + 10 : spoil<int>();
    }
    SnapshotProgress progress(const json::object& o, const Job::RouteProgress& route) {
        SnapshotProgress p;
        p.ns = route.from;
        p.collection = route.to;
        p.route = must(Digest::from_hex(text(o, "route")));
        p.started = must(Version::parse(text(o, "started")));
        p.scanned = number<std::uint64_t>(at(o, "scanned"));
        for (const auto& v : list(at(o, "ranges"))) {
            const auto& r = list(v);
            if (r.size() == 4)
                p.ranges.push_back({bytes(r[0]), bytes(r[1]), bytes(r[2]), flag(r[3])});
            else
                spoilt_ = true;
        }
        return p;
    }
    void route(const json::object& o, Record& out) {
        Job::RouteProgress r;
        r.from = namespace_of(text(o, "from"));
        r.to = CollectionName(text(o, "to"));
        r.state = text(o, "state");
        r.scanned = number<std::uint64_t>(at(o, "scanned"));
        r.estimate = number<std::uint64_t>(at(o, "estimate"));
        const auto* p = o.if_contains("progress");
        out.progress.push_back(p ? std::optional(progress(object(*p), r)) : std::nullopt);
        out.job.routes.push_back(std::move(r));
    }

    bool spoilt_ = false;
};

}  // namespace

std::string note_of(std::size_t slot) { return fmt::format("{}{:02}", prefix, slot); }

std::optional<std::size_t> slot_of(std::string_view note) {
    for (std::size_t i = 0; note.starts_with(prefix) && i < slots; ++i)
        if (note == note_of(i)) return i;
    return std::nullopt;
}

std::string encode(const Record& record) {
    const auto& j = record.job;
    const auto& q = j.request;
    json::object o{{"form", form},
                   {"id", j.id},
                   {"type", "backfill"},
                   {"mode", to_string(q.mode)},
                   {"dry_run", q.dry_run},
                   {"max_pending", q.max_pending},
                   {"state", to_string(j.state)},
                   {"created", j.created.ms},
                   {"started", j.started.ms},
                   {"updated", j.updated.ms},
                   {"ended", j.ended.ms},
                   {"error", j.error}};
    if (q.collection) o["collection"] = q.collection->value();
    if (q.ns) o["namespace"] = q.ns->text();
    if (j.result) o["result"] = numbers(*j.result);
    if (j.cost) o["cost"] = numbers(*j.cost);
    json::array routes;
    for (std::size_t i = 0; i < j.routes.size(); ++i) {
        const auto& r = j.routes[i];
        json::object row{{"from", r.from.text()},
                         {"to", r.to.value()},
                         {"state", r.state},
                         {"scanned", r.scanned},
                         {"estimate", r.estimate}};
        if (i < record.progress.size() && record.progress[i])
            row["progress"] = progress_json(*record.progress[i]);
        routes.push_back(std::move(row));
    }
    o["routes"] = std::move(routes);
    return json::serialize(o);
}

Result<Record> decode(std::string_view stored) {
    const auto unreadable = [] {
        return fail(Verdict::reject, Cause::corrupted, "the record of a job cannot be read");
    };
    boost::system::error_code wrong;
    const auto value = json::parse(stored, wrong);
    if (wrong || !value.is_object()) return unreadable();
    const auto& o = value.get_object();
    Reader reader;
    const auto written = reader.number<std::int64_t>(reader.at(o, "form"));
    const auto type = reader.text(o, "type");
    if (reader.spoilt()) return unreadable();
    if (written > form || type != "backfill")
        return fail(Verdict::reject, Cause::unsupported, "the record of a job is of a newer release");
    auto record = reader.record(o);
    if (reader.spoilt()) return unreadable();
    return record;
}

std::vector<std::pair<std::size_t, Record>> records_of(
    const std::vector<std::pair<std::string, std::string>>& notes) {
    std::vector<std::pair<std::size_t, Record>> out;
    for (const auto& [name, value] : notes) {
        const auto slot = slot_of(name);
        if (!slot || value.empty()) continue;
        auto record = decode(value);
        if (record.has_error())
            log::warn("jobs", "{}: {}", name, describe(record.error()));
        else
            out.emplace_back(*slot, std::move(record.value()));
    }
    return out;
}

bool newer(const Job& a, const Job& b) { return std::tie(a.created.ms, a.id) > std::tie(b.created.ms, b.id); }

Task<Result<std::vector<Job>>> stored_jobs(StateReader* state) {
    HALCYON_CO_TRY(const auto stored, co_await state->load());
    std::vector<Job> out;
    for (auto& [slot, record] : records_of(stored.notes)) out.push_back(std::move(record.job));
    std::sort(out.begin(), out.end(), newer);
    co_return out;
}

}  // namespace halcyon::jobs
