#include "mongo/settings.hpp"

namespace halcyon::mongo {

settings::Fields<Options> fields() {
    using settings::bytes;
    using settings::duration;
    using settings::integer;
    using std::chrono::milliseconds;
    return settings::Fields<Options>()
        .secret(
            "uri", &Options::uri,
            {.help =
                 "Connection string of a replica set or a sharded cluster (change streams need one). What it "
                 "sets wins over the time-outs below.",
             .example = R"("${MONGODB_URI:-mongodb://127.0.0.1:27017/?replicaSet=rs0}")"})
        .add("app_name", &Options::app_name, settings::text(),
             {.help = "Shown in the server's log and in currentOp."})
        .add(
            "await", &Options::await, duration<milliseconds>({"10ms", "10s"}),
            {.help = "How long the server holds an empty request for changes open; a stop may wait as long."})
        .add("socket_timeout", &Options::socket_timeout, duration<milliseconds>({"1s", "10m"}),
             {.help = "A connection without an answer for so long is given up."})
        .add("connect_timeout", &Options::connect_timeout, duration<milliseconds>({"100ms", "10m"}),
             {.help = "How long a new connection may take."})
        .add("server_selection_timeout", &Options::server_selection_timeout,
             duration<milliseconds>({"100ms", "10m"}), {.help = "How long to look for a suitable member."})
        .add("batch_size", &Options::batch_size, integer<std::uint32_t>({"1", "10000"}),
             {.help = "Documents in a reply of the change stream or of a scan."})
        .add("scan_buffer", &Options::scan_buffer, bytes({"64KiB", "256MiB"}),
             {.help = "What an open scan may hold in documents that were read and not yet taken."})
        .group("status_writeback",
               settings::Fields<Options>()
                   .add("mode", &Options::status_writeback,
                        settings::choice<bool>({{"off", false}, {"on", true}}),
                        {.help = "on: halcyon writes into each document how it stands; off: MongoDB is only "
                                 "read."})
                   .add("field", &Options::status_field, settings::text(),
                        {.help = "The field of the document that takes it, as earlier systems named it."}),
               {.help = "How a document stands in each collection, written into the document itself."})
        .check([](const Options& o, const settings::Section& s) {
            if (const auto good = check(o); !good)
                s.get(s.has("uri_file") ? "uri_file" : "uri").mistake(good.error().context);
        });
}

}  // namespace halcyon::mongo
