#include "cli/table.hpp"

#include <catch2/catch.hpp>

using namespace halcyon::cli;

TEST_CASE("columns are as wide as their widest cell, numbers stand to the right") {
    Table table({"NAME", "N", "STATE"});
    table.add({"ü", "1,200", "ok"}).add({"products", "5", ""}).add({"short"});
    CHECK(table.text() ==
          "NAME      N      STATE\n"
          "ü         1,200  ok\n"
          "products      5\n"
          "short\n");
}

TEST_CASE("numbers are grouped by thousands") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(1000) == "1,000");
    CHECK(grouped(12345678) == "12,345,678");
}

TEST_CASE("a text is cut to characters, on one line") {
    CHECK(shortened("desk", 4) == "desk");
    CHECK(shortened("desks", 4) == "d...");
    CHECK(shortened("grüße", 5) == "grüße");
    CHECK(shortened("grüßen", 5) == "gr...");
    CHECK(shortened("a\nb\tc\x7f", 10) == "a b c ");
    CHECK(shortened("\x1b[31mred", 20) == " [31mred");
    CHECK(shortened("abc", 2) == "..");
    CHECK(shortened("", 5).empty());
}

TEST_CASE("long sentences are broken at blanks, behind their label") {
    CHECK(wrapped("a  ", "one two three", 10) == "a  one two\n   three\n");
    CHECK(wrapped("a  ", "one two three", 100) == "a  one two three\n");
    CHECK(wrapped("a  ", "longerthanall b", 5) == "a  longerthanall\n   b\n");
    CHECK(wrapped("a  ", "", 10) == "a\n");
    CHECK(wrapped("", "\xc3\xbc\xc3\xbc \xc3\xbc\nx", 5) == "\xc3\xbc\xc3\xbc \xc3\xbc\nx\n");
}

TEST_CASE("what others wrote cannot steer the terminal") {
    CHECK(visible("a\x1b[31mb\nc") == "a [31mb c");
    CHECK(visible("a\xc2\x9b"
                  "31mb") == "a 31mb");
    CHECK(visible("gr\xc3\xbc\xc3\x9f") == "gr\xc3\xbc\xc3\x9f");
    CHECK(visible_lines("a\x1b[2J\nb\r\n") == "a [2J\nb \n");
    CHECK(shortened("a\xc2\x9b"
                    "31mb",
                    10) == "a 31mb");
    CHECK(wrapped("\x1b[ ",
                  "a\xc2\x9b"
                  "31mb",
                  10) == " [ a 31mb\n");
    CHECK(Table({"A"}).add({"x\x1b]0;y\x07z"}).text() == "A\nx ]0;y z\n");
}

TEST_CASE("a bar is full at its end and never longer") {
    CHECK(bar(0, 4) == "----");
    CHECK(bar(0.5, 4) == "##--");
    CHECK(bar(0.99, 4) == "###-");
    CHECK(bar(1, 4) == "####");
    CHECK(bar(7, 4) == "####");
    CHECK(bar(-1, 4) == "----");
}

TEST_CASE("a text is filled up to a width in characters") {
    CHECK(padded("gr\xc3\xbc", 5) == "gr\xc3\xbc  ");
    CHECK(padded("long", 2) == "long");
}
