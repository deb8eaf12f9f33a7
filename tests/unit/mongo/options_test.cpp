#include "mongo/options.hpp"

#include <catch2/catch.hpp>

using namespace halcyon;
using halcyon::mongo::Options;

namespace {

Options with(const std::string& uri) {
    Options o;
    o.uri = uri;
    return o;
}

}  // namespace

TEST_CASE("a good connection string is accepted and its hosts are shown without the user") {
    const auto o = with("mongodb://ann:s%40crEt@h1:27017,h2:27018/?replicaSet=rs0");
    CHECK(mongo::check(o));
    CHECK(mongo::hosts_of(o) == "h1:27017,h2:27018");
}

TEST_CASE("an error about a connection string never shows the password") {
    for (const auto* uri : {"mongodb://ann:s3cr@t@h:1:2/?x", "mongo://ann:s3cr@t@h/",
                            "mongodb://ann:s3cr%t@h/", "mongodb://ann:pw/s3cr@t@h:99999/"}) {
        const auto checked = mongo::check(with(uri));
        INFO(uri);
        REQUIRE_FALSE(checked);
        CHECK(checked.error().verdict == Verdict::fatal);
        CHECK(checked.error().cause == Cause::invalid);
        CHECK(checked.error().context.find("s3cr") == std::string::npos);
    }
}

TEST_CASE("values out of range are refused") {
    Options o;
    CHECK(mongo::check(o));
    o.batch_size = 0;
    CHECK_FALSE(mongo::check(o));
    o = {};
    o.await = std::chrono::milliseconds(1);
    CHECK_FALSE(mongo::check(o));
    o = {};
    o.await = o.socket_timeout;
    CHECK_FALSE(mongo::check(o));
}
