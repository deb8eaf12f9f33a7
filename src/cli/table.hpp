// Tables and progress for people.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace halcyon::cli {

/// Columns as wide as their widest cell; numbers to the right. The first row is the heading. Control
/// characters in cells become blanks.
class Table {
  public:
    explicit Table(std::vector<std::string> heading) { rows_.push_back(std::move(heading)); }
    Table& add(std::vector<std::string> row);
    std::string text() const;

  private:
    std::vector<std::vector<std::string>> rows_;
};

/// Control characters become blanks: what others wrote cannot steer the terminal.
std::string visible(std::string_view text);
/// The same, but line ends stay.
std::string visible_lines(std::string_view text);
/// Characters as a terminal shows them, near enough: continuation bytes of UTF-8 have no width.
std::size_t characters(std::string_view text);
/// `text` and as many blanks as it needs to be `width` characters wide.
std::string padded(std::string text, std::size_t width);
/// "#####-----" of `width` characters; `share` is 0..1, beyond is cut.
std::string bar(double share, std::size_t width);
/// 12345678 as "12,345,678"
std::string grouped(std::uint64_t n);
/// At most `width` characters on one line: line ends and control characters become blanks, what is cut ends
/// in "...".
std::string shortened(std::string_view text, std::size_t width);
/// Lines of at most `width` characters, broken at blanks; the first begins with `label`, the others with as
/// many blanks. Control characters become blanks; a word that is longer stands alone.
std::string wrapped(std::string_view label, std::string_view text, std::size_t width);
/// Characters in a line of the terminal behind standard output; very many if it is none.
std::size_t terminal_width();
/// Lines of it; very many if it is none.
std::size_t terminal_height();
/// Somebody sees standard output.
bool on_terminal();

}  // namespace halcyon::cli
