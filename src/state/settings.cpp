#include "state/settings.hpp"

namespace halcyon::state {

settings::Fields<Options> fields() {
    using settings::bytes;
    return settings::Fields<Options>()
        .add("path", &Options::path, settings::text(),
             {.help = "Folder, made if it is missing (its parent must be there). One halcyon at a time. "
                      "Lost, it is "
                      "rebuilt from Qdrant and MongoDB."})
        .add("cache", &Options::cache, bytes({"1MiB", "64GiB"}), {.help = "For reads; part of memory."})
        .add("write_buffer", &Options::write_buffer, bytes({"1MiB", "4GiB"}),
             {.help = "What is not in files yet; part of memory."})
        .add("max_open_files", &Options::max_open_files, settings::integer<int>({"16", "100000"}),
             {.help = "Open files at most."})
        .add(
            "vector_cache", &Options::vector_cache, bytes({"0", "1TiB"}),
            {.help = "Disk for vectors that an embedding service sent: a text that is moved, copied or added "
                     "again costs no embedding. "
                     "0: none are kept; else at least 16MiB."})
        .check([](const Options& o, const settings::Section& s) {
            if (o.path.empty()) s.get("path").mistake("is empty, e.g. path: /var/lib/halcyon");
            if (o.vector_cache != 0 && o.vector_cache < 16 * MiB)
                s.get("vector_cache")
                    .mistake(s.get("vector_cache").quoted() + " is too small; 0 for none, or 16MiB and more");
        });
}

}  // namespace halcyon::state
