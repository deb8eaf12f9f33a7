#include "base/digest.hpp"

#include <catch2/catch.hpp>

using halcyon::Digest;
using halcyon::DigestBuilder;

TEST_CASE("a digest survives its hexadecimal form") {
    const auto d = halcyon::digest_of("hello");
    CHECK(d.hex().size() == 32);
    CHECK(Digest::from_hex(d.hex()) == d);
    CHECK_FALSE(Digest::from_hex("xyz"));
    CHECK_FALSE(Digest::from_hex(std::string(32, 'g')));
}

TEST_CASE("parts that join to the same bytes have different digests") {
    CHECK(DigestBuilder().add("ab").add("c").finish() != DigestBuilder().add("a").add("bc").finish());
    CHECK(DigestBuilder().add("").finish() != DigestBuilder().finish());
}

TEST_CASE("the digest of known bytes never changes") {
    CHECK(halcyon::digest_of("").hex() == "99aa06d3014798d86001c324468d497f");
}
