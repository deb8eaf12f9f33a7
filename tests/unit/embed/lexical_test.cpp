#include "embed/lexical.hpp"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdlib>
#include <string>

#include "base/digest.hpp"
#include "embed/vector_text.hpp"

using halcyon::EncodedVector;
using halcyon::embed::LexicalEncoder;

namespace {

std::vector<double> numbers(const EncodedVector& vector) {
    std::vector<double> all;
    const char* at = vector.json.c_str() + 1;
    while (*at != '\0' && *at != ']') {
        char* end = nullptr;
        all.push_back(std::strtod(at, &end));
        at = *end == ',' ? end + 1 : end;
    }
    return all;
}

double cosine(std::string_view a, std::string_view b, std::uint32_t dimension = 384) {
    LexicalEncoder encoder(dimension);
    const auto x = numbers(encoder.encode(a));
    const auto y = numbers(encoder.encode(b));
    double dot = 0;
    for (std::size_t i = 0; i < x.size(); ++i) dot += x[i] * y[i];
    return dot;
}

}  // namespace

TEST_CASE("the vectors of known texts never change") {
    LexicalEncoder encoder(384);
    halcyon::DigestBuilder digest;
    for (const auto* text : {"", "!?", "Red running shoes for women, size 38",
                             "Ein rotes Fahrrad für Mädchen", "Ελληνικά ΚΕΊΜΕΝΟ", "Русский текст",
                             "東京都の天気", "emoji 🎉", "don't stop_words snake_case CamelCase 3.14"})
        digest.add(encoder.encode(text).json);
    CHECK(digest.finish().hex() == "922d8be81d2cddb5064c6e1e6854fb43");
}

TEST_CASE("every vector has its dimension, length 1 and the form of JSON") {
    const auto dimension = GENERATE(16U, 17U, 100U, 384U, 1536U, 4096U);
    LexicalEncoder encoder(dimension);
    for (const std::string& text :
         {std::string("a"), std::string("the"), std::string("A blue bicycle with a basket"), std::string(),
          std::string(" \n\t"), std::string("!!!"), std::string("\xFF\xFE\x00", 3), std::string("\xCC\x81"),
          std::string("日本"), std::string(3000, 'x'), std::string("🎉")}) {
        CAPTURE(dimension, text);
        const auto vector = encoder.encode(text);
        const auto read = halcyon::embed::read_vector(vector.json);
        REQUIRE(read.has_value());
        CHECK(read.value().dimension == dimension);
        CHECK(vector.dimension == dimension);
        CHECK(read.value().json == vector.json);
        double squares = 0;
        for (const auto x : numbers(vector)) squares += x * x;
        CHECK(squares == Approx(1.0).margin(1e-4));
    }
}

TEST_CASE("a text's vector does not depend on what the encoder did before") {
    LexicalEncoder busy(64);
    std::string huge;
    for (int i = 0; i < 60'000; ++i) huge += "word" + std::to_string(i * 7919) + " ";
    const auto first = busy.encode(huge).json;
    busy.encode("something else");
    CHECK(busy.encode(huge).json == first);
    CHECK(busy.encode("small").json == LexicalEncoder(64).encode("small").json);
}

TEST_CASE("texts that share words are nearer than texts that do not") {
    const auto* query = "red running shoes";
    const auto near = cosine(query, "Lightweight running shoes in red, for women");
    const auto middle = cosine(query, "A red dress for women");
    const auto far = cosine(query, "Cast iron frying pan with wooden handle");
    CHECK(near > middle + 0.1);
    CHECK(middle > far);
    CHECK(near > 0.3);
    CHECK(std::abs(far) < 0.2);
}

TEST_CASE("forms of a word are near each other through their pieces") {
    CHECK(cosine("bicycle", "bicycles") > 0.3);
    CHECK(cosine("bicycle", "bicyle") > 0.15);
    CHECK(cosine("bicycle", "mountain") < 0.15);
}

TEST_CASE("case, accents and composition make no difference") {
    CHECK(cosine("CRÈME BRÛLÉE", "creme brulee") == Approx(1.0).margin(1e-4));
    CHECK(cosine("cre\u0300me", "cr\u00E8me") == Approx(1.0).margin(1e-4));
    CHECK(cosine("Straße", "STRASSE") == Approx(1.0).margin(1e-4));
    CHECK(cosine("ΚΑΛΗΜΈΡΑ ΚΌΣΜΟΣ", "καλημέρα κόσμος") == Approx(1.0).margin(1e-4));
    CHECK(cosine("ЁЛКА Йод", "елка йод") == Approx(1.0).margin(1e-4));
    CHECK(cosine("и\u0306од", "йод") == Approx(1.0).margin(1e-4));
    CHECK(cosine("ＡＢＣ１２３", "abc123") == Approx(1.0).margin(1e-4));
    CHECK(cosine("Việt Nam", "viet nam") == Approx(1.0).margin(1e-4));
}

TEST_CASE("scripts without spaces are compared by neighbouring characters") {
    CHECK(cosine("東京都の天気予報", "東京の天気") > 0.4);
    CHECK(std::abs(cosine("東京都の天気予報", "猫と犬")) < 0.25);
}

TEST_CASE("words that say little weigh little") {
    CHECK(cosine("the bicycle is in the shed", "bicycle shed") > 0.7);
    CHECK(cosine("the cat is on the mat", "the dog is in the fog") < 0.45);
}

TEST_CASE("order matters a little") {
    const auto same = cosine("dog bites man", "dog bites man");
    const auto other = cosine("dog bites man", "man bites dog");
    CHECK(other < same - 0.02);
    CHECK(other > 0.5);
}
