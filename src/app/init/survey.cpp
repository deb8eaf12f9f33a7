#include "app/init/survey.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "cli/table.hpp"
#include "mongo/survey.hpp"

namespace halcyon::app::init {
namespace {

constexpr std::size_t most_collections = 200;
constexpr std::size_t most_documents = 200;
constexpr auto patience = std::chrono::seconds(10);
/// So many collections in a row without an answer: nobody is there any more.
constexpr unsigned most_away = 3;

class Progress {
  public:
    explicit Progress(std::size_t all) : all_(all), shown_(::isatty(STDERR_FILENO) == 1) {}
    ~Progress() {
        if (shown_) fmt::print(stderr, "\r\x1b[K");
    }
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;

    void next(const std::string& name) {
        ++at_;
        if (shown_)
            fmt::print(stderr, "\r\x1b[Klooking at {} of {}: {}", at_, all_, cli::shortened(name, 60));
    }

  private:
    std::size_t at_ = 0, all_;
    bool shown_;
};

}  // namespace

Result<Survey> survey(const mongo::Options& options, const std::string& database) {
    mongo::Surveyor mongodb(options);
    HALCYON_TRY(const auto deployment, mongodb.deployment());
    static_cast<void>(deployment);
    std::vector<std::string> databases{database};
    if (database.empty()) {
        HALCYON_TRY(databases, mongodb.databases());
    }
    Survey out;
    std::vector<Namespace> wanted;
    for (const auto& name : databases) {
        auto listed = mongodb.collections(name);
        if (!listed) {
            if (listed.error().cause == Cause::unavailable) return fail(listed.error());
            out.skipped.emplace_back(name, listed.error().context);
            continue;
        }
        for (auto& collection : listed.value()) {
            if (!collection.unfit.empty())
                out.skipped.emplace_back(collection.ns.text(), collection.unfit);
            else if (wanted.size() == most_collections)
                out.skipped.emplace_back(
                    collection.ns.text(),
                    fmt::format("not looked at, behind the first {}; --database asks for less",
                                most_collections));
            else
                wanted.push_back(std::move(collection.ns));
        }
    }
    Progress progress(wanted.size());
    unsigned away = 0;
    for (auto& ns : wanted) {
        progress.next(ns.text());
        auto look = mongodb.look(ns, most_documents, patience);
        if (look) {
            away = 0;
            out.sampled.push_back({std::move(ns), std::move(look.value())});
            continue;
        }
        away = look.error().cause == Cause::unavailable ? away + 1 : 0;
        if (away == most_away) return fail(look.error());
        out.skipped.emplace_back(ns.text(), look.error().context);
    }
    return out;
}

}  // namespace halcyon::app::init
