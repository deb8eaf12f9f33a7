#include "render/chunker.hpp"

#include "base/random.hpp"
#include "core/utf8.hpp"

using namespace halcyon;
using render::chunk_text;
using render::ChunkOptions;
using Chunks = std::vector<std::string>;

namespace {

ChunkOptions words(std::uint32_t size, std::uint32_t overlap) {
    return {.by = ChunkOptions::By::words, .size = size, .overlap = overlap, .text_as = ""};
}
ChunkOptions sentences(std::uint32_t size, std::uint32_t overlap) {
    return {.by = ChunkOptions::By::sentences, .size = size, .overlap = overlap, .text_as = ""};
}

bool is_blank(std::string_view text) { return chunk_text(text, words(1, 0)).empty(); }

Chunks cut(std::string_view text, const ChunkOptions& options) {
    const auto views = chunk_text(text, options);
    return {views.begin(), views.end()};
}

std::string repeated(std::string_view text, std::size_t times) {
    std::string out;
    for (; times > 0; --times) out += text;
    return out;
}

}  // namespace

TEST_CASE("words are cut into windows that overlap") {
    CHECK(cut("a b c d e", words(2, 0)) == Chunks{"a b", "c d", "e"});
    CHECK(cut("a b c d e", words(3, 1)) == Chunks{"a b c", "c d e"});
    CHECK(cut("a b c d e f", words(3, 2)) == Chunks{"a b c", "b c d", "c d e", "d e f"});
    CHECK(cut("a b c", words(3, 2)) == Chunks{"a b c"});
    CHECK(cut("a b c", words(100, 40)) == Chunks{"a b c"});
    CHECK(cut("a", words(1, 0)) == Chunks{"a"});
    CHECK(cut("", words(3, 1)).empty());
    CHECK(cut(" \n\t", words(3, 1)).empty());
}

TEST_CASE("a chunk keeps the blanks inside of it and none around it") {
    CHECK(cut("  a\n\nb  c ", words(2, 0)) == Chunks{"a\n\nb", "c"});
    CHECK(cut("a\xe3\x80\x80"
              "b\xc2\xa0"
              "c",
              words(2, 0)) == Chunks{"a\xe3\x80\x80"
                                     "b",
                                     "c"});
}

TEST_CASE("a text without blanks is cut by characters") {
    const auto chinese = repeated("\xe6\x9d\xb1", 100);
    CHECK(cut(chinese, words(60, 10)) == Chunks{repeated("\xe6\x9d\xb1", 60), repeated("\xe6\x9d\xb1", 50)});
    CHECK(cut(std::string(300, 'x'), words(60, 0)) == Chunks{std::string(180, 'x'), std::string(120, 'x')});
    const auto short_word = repeated("\xe6\x9d\xb1", 48);
    CHECK(cut(short_word, words(1, 0)) == Chunks{short_word});
}

TEST_CASE("sentences stay whole as long as they fit") {
    CHECK(cut("One two. Three four! Five six? Seven.", sentences(4, 0)) ==
          Chunks{"One two. Three four!", "Five six? Seven."});
    CHECK(cut("He said \"no.\" Then (so be it.) He left\xe2\x80\xa6 Slowly.", sentences(4, 0)) ==
          Chunks{"He said \"no.\"", "Then (so be it.)", "He left\xe2\x80\xa6 Slowly."});
    CHECK(cut("Title of it\nBody goes here", sentences(4, 0)) == Chunks{"Title of it", "Body goes here"});
    CHECK(cut("v1.2 costs 3.50 today", sentences(2, 0)) == Chunks{"v1.2 costs", "3.50 today"});
}

TEST_CASE("sentences that end without a blank are found") {
    const std::string first = "\xe6\x9d\xb1\xe4\xba\xac\xe3\x80\x82";
    const std::string second = "\xe5\xa4\xa7\xe9\x98\xaa\xef\xbc\x81";
    CHECK(cut(first + second + "\xe6\x98\xaf", sentences(1, 0)) == Chunks{first, second, "\xe6\x98\xaf"});
}

TEST_CASE("whole sentences are repeated as far as the overlap goes") {
    CHECK(cut("A b. C d. E f. G h.", sentences(4, 2)) == Chunks{"A b. C d.", "C d. E f.", "E f. G h."});
    CHECK(cut("A b. C d. E f. G h.", sentences(4, 1)) == Chunks{"A b. C d.", "E f. G h."});
    // What would be repeated gives way to a sentence that needs the room.
    CHECK(cut("A b. C d. E f g h.", sentences(4, 2)) == Chunks{"A b. C d.", "E f g h."});
}

TEST_CASE("a sentence that is too long is cut by words") {
    CHECK(cut("A b. One two three four five six. C d.", sentences(4, 1)) ==
          Chunks{"A b.", "One two three four", "four five six.", "C d."});
}

TEST_CASE("whatever the text, no word is lost, no chunk is too long, no character is cut, and it ends") {
    SeededRandom random(17);
    const std::string_view atoms[] = {"a",
                                      "word",
                                      " ",
                                      "  ",
                                      "\n",
                                      ". ",
                                      "! ",
                                      "?",
                                      "\xe2\x80\xa6",
                                      "caf\xc3\xa9",
                                      "\xe3\x80\x82",
                                      "\xe6\x9d\xb1\xe4\xba\xac",
                                      "\xf0\x9f\x98\x80",
                                      "\xe3\x80\x80",
                                      "\"",
                                      ")",
                                      "."};
    for (int round = 0; round < 3000; ++round) {
        std::string text;
        for (auto n = random.below(120); n > 0; --n) text += atoms[random.below(std::size(atoms))];
        if (random.below(4) == 0) text += repeated("\xe6\x9d\xb1", random.below(200));
        const auto size = static_cast<std::uint32_t>(1 + random.below(12));
        const auto overlap = static_cast<std::uint32_t>(random.below(size));
        for (const auto& options : {words(size, overlap), sentences(size, overlap)}) {
            const auto chunks = chunk_text(text, options);
            CHECK(chunks == chunk_text(text, options));
            const auto offset = [&](std::string_view part) {
                return static_cast<std::size_t>(part.data() - text.data());
            };
            std::size_t begin = 0;
            std::size_t covered = 0;
            for (const auto chunk : chunks) {
                CHECK(utf8::valid(chunk));
                CHECK(!chunk.empty());
                const auto at = offset(chunk);
                CHECK((covered == 0 || at > begin));
                if (at > covered) CHECK(is_blank(std::string_view(text).substr(covered, at - covered)));
                CHECK(at + chunk.size() > covered);
                CHECK(chunk_text(chunk, words(1, 0)).size() <= std::size_t{size});
                begin = at;
                covered = at + chunk.size();
            }
            CHECK(is_blank(std::string_view(text).substr(covered)));
        }
    }
}

TEST_CASE("bytes that are no UTF-8 do no harm") {
    SeededRandom random(23);
    for (int round = 0; round < 2000; ++round) {
        std::string bytes;
        for (auto n = random.below(80); n > 0; --n) bytes += static_cast<char>(random.next());
        for (const auto& chunk : chunk_text(bytes, sentences(3, 1)))
            CHECK(bytes.find(chunk) != std::string::npos);
    }
}

TEST_CASE("a text that shrinks has fewer chunks") {
    std::size_t before = 0;
    for (std::size_t n = 0; n < 200; ++n) {
        const auto count = chunk_text(repeated("word ", n), words(10, 3)).size();
        CHECK(count >= before);
        before = count;
    }
    CHECK(before == 28);
}
