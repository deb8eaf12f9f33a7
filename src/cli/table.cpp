#include "cli/table.hpp"

#include <fmt/format.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <limits>

namespace halcyon::cli {
namespace {

std::string cleaned(std::string_view text, bool keep_line_ends) {
    std::string out(text);
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        if ((c < 0x20 && !(keep_line_ends && c == '\n')) || c == 0x7f) out[i] = ' ';
        // U+0080 to U+009F steer terminals too.
        if (c == 0xc2 && i + 1 < out.size() && static_cast<unsigned char>(out[i + 1]) < 0xa0)
            out.replace(i, 2, " ");
    }
    return out;
}

bool numeric(std::string_view s) {
    return !s.empty() && s.find_first_not_of("0123456789,. %") == std::string_view::npos;
}

}  // namespace

Table& Table::add(std::vector<std::string> row) {
    row.resize(rows_.front().size());
    for (auto& cell : row) cell = visible(cell);
    rows_.push_back(std::move(row));
    return *this;
}

std::string Table::text() const {
    std::vector<std::size_t> widths(rows_.front().size(), 0);
    for (const auto& row : rows_)
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], characters(row[i]));
    std::string out;
    for (const auto& row : rows_) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            const std::string pad(widths[i] - characters(row[i]), ' ');
            line += i == 0 ? "" : "  ";
            line += numeric(row[i]) ? pad + row[i] : row[i] + pad;
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

std::string visible(std::string_view text) { return cleaned(text, false); }
std::string visible_lines(std::string_view text) { return cleaned(text, true); }

std::size_t characters(std::string_view s) {
    return static_cast<std::size_t>(std::count_if(
        s.begin(), s.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string text, std::size_t width) {
    const auto used = characters(text);
    return used < width ? text.append(width - used, ' ') : text;
}

std::string bar(double share, std::size_t width) {
    const auto full = static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width));
    return std::string(full, '#') + std::string(width - full, '-');
}

std::string grouped(std::uint64_t n) {
    auto digits = std::to_string(n);
    for (auto at = static_cast<std::ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

std::string shortened(std::string_view raw, std::size_t most) {
    constexpr std::string_view dots = "...";
    const auto text = visible(raw);
    const bool cut = characters(text) > most;
    const auto kept = cut ? (most > dots.size() ? most - dots.size() : 0) : most;
    std::string out;
    std::size_t characters = 0;
    for (const char c : text) {
        if ((static_cast<unsigned char>(c) & 0xc0) != 0x80 && characters++ == kept) break;
        out += c;
    }
    return cut ? out.append(dots.substr(0, most)) : out;
}

std::string wrapped(std::string_view label, std::string_view raw, std::size_t width) {
    const std::string blanks(characters(label), ' ');
    const auto text = visible(raw);
    auto out = visible(label);
    std::size_t used = blanks.size();
    bool first = true;
    for (std::size_t at = 0; at < text.size();) {
        auto end = at;
        while (end < text.size() && text[end] != ' ') ++end;
        const auto word = std::string_view(text).substr(at, end - at);
        at = end + 1;
        if (word.empty()) continue;
        const auto wide = characters(word);
        if (!first && used + 1 + wide > width) {
            out += "\n" + blanks;
            used = blanks.size();
            first = true;
        }
        if (!first) out += ' ';
        out += word;
        used += wide + (first ? 0 : 1);
        first = false;
    }
    out.erase(out.find_last_not_of(' ') + 1);
    return out + "\n";
}

std::size_t terminal_width() {
    ::winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) return size.ws_col;
    return std::numeric_limits<std::size_t>::max();
}

std::size_t terminal_height() {
    ::winsize size{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row > 0) return size.ws_row;
    return std::numeric_limits<std::size_t>::max();
}

bool on_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace halcyon::cli
