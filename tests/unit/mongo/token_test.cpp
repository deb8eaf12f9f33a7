#include "mongo/token.hpp"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "mongo/bson.hpp"
#include "support/recording.hpp"

using halcyon::ClusterTime;
using halcyon::mongo::decode_token;
using halcyon::mongo::TokenHead;

namespace {

struct Row {
    const char* token;
    TokenHead head;
    std::size_t needed;  // hexadecimal digits until everything that is decoded has been read
};

// From the recordings of 4.2.8.
const Row rows[] = {
    {"826B00EA760000005B2B022C0100296E5A1004AA41C8BA337842BB8AA751227066FCB9461E5F6964002B020004",
     {{0x6B00EA76, 0x5B}, 1, false, 0, false},
     32},
    {"826B00EA89000000042B022C01002B026E5A10047479C52629A1493DBA1F0BE5E4CB6AFE461E5F696400290004",
     {{0x6B00EA89, 4}, 1, false, 1, false},
     34},
    {"826B00EA89000000042B022C01002B046E5A10047479C52629A1493DBA1F0BE5E4CB6AFE461E5F6964002B020004",
     {{0x6B00EA89, 4}, 1, false, 2, false},
     34},
    {"826B00EA84000000012B022C0100296F5A10048A5A29894C134D198741C3D582DB0C8C04",
     {{0x6B00EA84, 1}, 1, false, 0, true},
     32},
    {"826B00EA7C000000112B0229296E04", {{0x6B00EA7C, 0x11}, 1, true, 0, false}, 28},
};

}  // namespace

TEST_CASE("recorded resume tokens tell time, kind, operation and invalidation") {
    for (const auto& row : rows) {
        INFO(row.token);
        CHECK(decode_token(row.token) == row.head);
    }
}

TEST_CASE("a token that is cut before its head ends tells nothing") {
    for (const auto& row : rows) {
        const std::string whole = row.token;
        for (std::size_t n = 0; n <= whole.size(); ++n) {
            INFO(whole << " cut to " << n);
            if (n < row.needed)
                CHECK_FALSE(decode_token(whole.substr(0, n)));
            else
                CHECK(decode_token(whole.substr(0, n)) == row.head);
        }
    }
}

TEST_CASE("garbage is no token") {
    const std::string good = rows[1].token;
    for (const char* bad :
         {"", "zz", "82", "82zz00EA760000005B2B022C0100296E", "816B00EA760000005B2B022C0100296E",
          "826B00EA760000005BFF022C0100296E", "826B00EA760000005B2B032C0100296E",
          "826B00EA760000005B2B022B7E296E", "826B00EA760000005B2B022C0100276E",
          "826B00EA760000005B2B022C01002900", "826B00EA760000005B2B0A2C0100296E"}) {
        INFO(bad);
        CHECK_FALSE(decode_token(bad));
    }
    for (std::size_t i = 0; i < 34; ++i) {
        auto hurt = good;
        hurt[i] = 'g';
        INFO(hurt);
        CHECK_FALSE(decode_token(hurt));
    }
    CHECK_FALSE(halcyon::mongo::decode_token_bson(""));
    CHECK_FALSE(halcyon::mongo::decode_token_bson(halcyon::test::bson(R"({"_data":5})")));
    CHECK_FALSE(halcyon::mongo::decode_token_bson(halcyon::test::bson("{}")));
}

TEST_CASE("large and wide operation indexes are read, beyond 32 bits they are not") {
    const std::string before = "826B00EA89000000042B022C0100";
    CHECK(decode_token(before + "2C0FFE" + "6E")->operation == 0x7FF);
    CHECK(decode_token(before + "2E7FFFFFFE" + "6E")->operation == 0x3FFFFFFF);
    CHECK(decode_token(before + "2F01FFFFFFFE" + "6E")->operation == 0xFFFFFFFF);
    CHECK_FALSE(decode_token(before + "2F0200000000" + "6E"));
    CHECK_FALSE(decode_token(before + "29" + "29"));
}

TEST_CASE("lower case, and versions 0 and 2, are understood") {
    CHECK(decode_token("826b00ea7c000000112b0229296e04") == rows[4].head);
    CHECK(decode_token("826B00EA89000000042B042C01002B066E5A")->operation == 3);
    CHECK(decode_token("826B00EA890000000429"
                       "2B04"
                       "5A10")
              ->operation == 2);
}

TEST_CASE("a cut token may still tell its time") {
    CHECK(halcyon::mongo::token_time("826B00EA760000005B") == ClusterTime{0x6B00EA76, 0x5B});
    CHECK_FALSE(halcyon::mongo::token_time("826B00EA76000000"));
}

TEST_CASE("every recorded event's token carries the event's cluster time") {
    std::size_t seen = 0;
    for (const auto* name : {"4.2.8", "4.2.8-history-lost", "4.2.8-authorization"})
        for (const auto& row : halcyon::test::recording(name))
            for (const auto& event : row.batch()) {
                const auto time = halcyon::mongo::find_time(event, "clusterTime");
                const auto token = halcyon::mongo::find_document(event, "_id");
                if (!time || !token) continue;
                const auto head = halcyon::mongo::decode_token_bson(*token);
                INFO(halcyon::test::json(event));
                REQUIRE(head);
                CHECK(head->time == *time);
                CHECK_FALSE(head->high_water);
                CHECK(head->invalidate ==
                      (halcyon::mongo::find_text(event, "operationType") == "invalidate"));
                ++seen;
            }
    CHECK(seen > 100);
}
