// What happens to a world, drawn from its seed: changes, faults, other settings.
#include <fmt/format.h>

#include "base/log.hpp"
#include "simulation/world/world.hpp"

namespace halcyon::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Namespace items{"shop", "items"};
const Namespace notes{"shop", "notes"};
const Namespace scratch{"shop", "scratch"};
constexpr std::uint64_t ids = 24;

DocId id_of(std::uint64_t i) {
    return DocId::of(Document::from_json(fmt::format(R"({{"_id":{}}})", i)).value().bson()).value();
}

}  // namespace

void World::calm() {
    source.faults = {};
    target.faults = {};
    model.faults = {};
    target.down.clear();
    target.read_only = false;
    model.down = false;
    disk_full = false;
    disk->fail_commits({});
}

void World::outage() {
    calm();
    const bool writes = random.below(2) == 0;
    log::debug("world", "{} are broken for long", writes ? "writes" : "embeddings");
    (writes ? target.read_only : model.down) = true;
    for (std::uint64_t n = random.below(4); n > 0; --n) change();
    run_for(std::chrono::minutes(30));
    calm();
}

void World::storm() {
    const auto some = [&](double most) { return random.below(2) == 0 ? 0.0 : random.unit() * most; };
    source.faults = {.feed_breaks = some(0.05),
                     .feed_repeats = some(0.5),
                     .reader_fails = some(0.1),
                     .large = random.below(3) == 0 ? some(0.3) : 0,
                     .foreign_tokens = random.below(4) == 0 ? some(0.5) : 0,
                     .denied = random.below(8) == 0 ? some(0.02) : 0,
                     .longest_delay = milliseconds(1 + random.below(200))};
    source.unsendable = source.unsendable || source.faults.large > 0.2;
    target.faults = {.before = some(0.2),
                     .after = some(0.1),
                     .late = some(0.1),
                     .lost = some(0.1),
                     .busy = some(0.2),
                     .reads = some(0.2),
                     .longest_delay = milliseconds(1 + random.below(300)),
                     .latest = seconds(1 + random.below(50))};
    model.faults = {.away = some(0.2),
                    .busy = some(0.2),
                    .short_reply = some(0.1),
                    .wrong_size = random.below(4) == 0 ? some(0.2) : 0,
                    .longest_delay = milliseconds(1 + random.below(300))};
    target.down.clear();
    if (random.below(6) == 0)
        target.down.insert(settings.collections[random.below(settings.collections.size())].spec.name);
    target.read_only = random.below(10) == 0;
    model.down = random.below(12) == 0;
    disk->fail_commits({});
    disk_full = random.below(16) == 0;
    if (disk_full)
        disk->fail_commits(Error{Verdict::fatal, Cause::disk_full, "simulated: the disk is full", {}});
}

void World::edit_settings() {
    log::debug("world", "other settings");
    auto& into_alpha = settings.routes.at(0);
    auto& into_beta = settings.routes.at(1);
    auto& notes_into_beta = gone_ ? *gone_ : settings.routes.at(2);
    switch (random.below(5)) {
        case 0:
            into_beta.text = into_beta.text == "{{u}}" ? "{{u}} {{t}}" : "{{u}}";
            break;
        case 1:
            into_beta.filter = into_beta.filter.empty() ? R"({"hidden": {"$ne": true}})" : "";
            break;
        case 2:
            into_alpha.chunk->size = into_alpha.chunk->size == 3 ? 5 : 3;
            break;
        case 3:
            model.release = model.release == 1 ? 2 : 1;
            break;
        default:
            notes_into_beta.payload->back().as = notes_into_beta.payload->back().as == "title" ? "" : "title";
    }
    wanted_.settings_changed();
}

void World::toggle_route() {
    log::debug("world", "{}", gone_ ? "a route comes back" : "a route goes");
    if (gone_) {
        settings.routes.push_back(std::move(*gone_));
        gone_.reset();
    } else {
        gone_ = std::move(settings.routes.back());
        settings.routes.pop_back();
    }
    wanted_.settings_changed();
}

Document World::document(int id) {
    std::string t;
    const auto words = random.below(3) == 0 ? random.below(20) : random.below(5);
    for (std::uint64_t i = 0; i < words; ++i) t += fmt::format("w{} ", random.below(6));
    if (random.below(60) == 0) t += "unspeakable";
    if (random.below(80) == 0) t += "sickening";
    const auto* bad = random.below(60) == 0 ? "\"poison\"" : random.below(80) == 0 ? "\"sick\"" : nullptr;
    return Document::from_json(fmt::format(R"({{"_id":{},"t":"{}","u":"{}","p":{},"hidden":{}}})", id, t,
                                           random.below(5) == 0 ? "" : fmt::format("u{}", random.below(4)),
                                           bad ? std::string(bad) : std::to_string(random.below(4)),
                                           random.below(4) == 0))
        .value();
}

void World::change() {
    const auto& ns = random.below(3) == 0 ? notes : items;
    const auto id = random.below(ids);
    const auto made = [&](std::uint64_t i) { return document(static_cast<int>(i % ids)); };
    switch (random.below(60)) {
        case 0:
            source.drop(ns);
            break;
        case 1:
            for (std::uint64_t i = 0; i < 5; ++i) source.put(scratch, made(i * 3));
            source.rename_over(scratch, ns);
            break;
        case 2:
            if (random.below(4) == 0) source.drop_database("shop");
            break;
        case 3:
        case 4:
        case 5:
            source.transaction(ns, {made(id), made(id), made(id + 1)}, {id_of((id + 2) % ids)});
            break;
        case 6:
        case 7:
        case 8:
            source.transaction(ns, {made(id)}, {id_of(id)});
            break;
        case 9:
        case 10:
        case 11:
        case 12:
        case 13:
        case 14:
        case 15:
        case 16:
        case 17:
            source.remove(ns, id_of(id));
            break;
        default:
            source.put(ns, made(id));
    }
}

}  // namespace halcyon::simulation
