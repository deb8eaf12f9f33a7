// What `halcyon top` shows, and what keys do to it. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/top/view.hpp"

namespace halcyon::cli::top {

struct Screen {
    enum class Mode { table, asking, help };
    std::string where;  // the sidecar's address
    std::optional<View> view{};
    std::optional<Rates> rates{};
    std::string trouble{};   // why there is no newer view
    std::string note{};      // what came of the last key
    std::string selected{};  // a collection
    Mode mode = Mode::table;
    std::uint64_t most_queued = 1;  // in any collection since the start: a full bar

    /// Takes a newer view; the selection stays where it is as long as its collection is there.
    void show(View next, std::optional<Rates> with);
    /// Nothing: no collection is there.
    const Collection* chosen() const;
};

enum class Key { other, up, down, pause, yes, help, quit, suspend };

/// Of what a terminal sends; arrows are sequences of bytes, which come whole. Ctrl-C quits.
std::vector<Key> keys_of(std::string_view bytes);

enum class Wish { none, quit, suspend, pause, resume };

/// `pause` and `resume` mean the collection that is selected.
Wish press(Screen& screen, Key key);

/// `height` lines, none wider than `width`, without a line end behind the last one. `ansi`: with colours and
/// reversed lines; else plain text.
std::string frame(const Screen& screen, std::size_t width, std::size_t height, bool ansi);

}  // namespace halcyon::cli::top
