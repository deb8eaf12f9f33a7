#include "core/bson.hpp"
#include "simulation/world/source_ports.hpp"

namespace halcyon::simulation {

Task<Result<StatusWriter::Written>> SourceStatusWriter::write(std::vector<StatusRow> rows, Deadline) {
    if (auto e = co_await source_.visit()) co_return fail(*e);
    for (const auto& row : rows) {
        const auto& all = source_.documents(row.key.ns);
        const auto it = all.find(row.key.id);
        if (it == all.end()) continue;
        std::string bytes;
        const auto opened = bson::open(bytes);
        bson::Reader reader(it->second.bson());
        for (bson::Field f; reader.next(f);)
            if (f.key != "syncMetadata") bson::append(bytes, f.value.type, f.key, f.value.bytes);
        bson::append_text(bytes, bson::Type::string, "syncMetadata", std::to_string(++source_.statuses));
        bson::close(bytes, opened);
        source_.put(row.key.ns, Document::from_bson(bytes).value());
        source_.past_.history.back().status = true;
    }
    co_return Written{};
}

}  // namespace halcyon::simulation
