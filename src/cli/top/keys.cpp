// What keys do.
#include <algorithm>

#include "cli/top/screen.hpp"

namespace halcyon::cli::top {
namespace {

void move(Screen& screen, int by) {
    if (!screen.view || screen.view->collections.empty()) return;
    const auto& all = screen.view->collections;
    const auto* chosen = screen.chosen();
    const auto last = static_cast<std::ptrdiff_t>(all.size()) - 1;
    const auto at = std::clamp<std::ptrdiff_t>((chosen ? chosen - all.data() : 0) + by, 0, last);
    screen.selected = all[static_cast<std::size_t>(at)].name;
}

}  // namespace

void Screen::show(View next, std::optional<Rates> with) {
    for (const auto& c : next.collections) most_queued = std::max(most_queued, c.queued());
    view = std::move(next);
    rates = with;
    trouble.clear();
    if (!chosen()) {
        selected = view->collections.empty() ? "" : view->collections.front().name;
        if (mode == Mode::asking) mode = Mode::table;
    }
}

const Collection* Screen::chosen() const {
    if (!view) return nullptr;
    const auto found = std::find_if(view->collections.begin(), view->collections.end(),
                                    [&](const auto& c) { return c.name == selected; });
    return found == view->collections.end() ? nullptr : &*found;
}

std::vector<Key> keys_of(std::string_view bytes) {
    std::vector<Key> out;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\x1b' && i + 2 < bytes.size() && (bytes[i + 1] == '[' || bytes[i + 1] == 'O')) {
            // Parameters, then one letter that says which key.
            i += 2;
            while (i + 1 < bytes.size() && bytes[i] >= 0x20 && bytes[i] < 0x40) ++i;
            out.push_back(bytes[i] == 'A' ? Key::up : bytes[i] == 'B' ? Key::down : Key::other);
            continue;
        }
        switch (bytes[i]) {
            case 'q':
            case 'Q':
            case '\x03':
                out.push_back(Key::quit);
                break;
            case '\x1a':
                out.push_back(Key::suspend);
                break;
            case 'k':
                out.push_back(Key::up);
                break;
            case 'j':
                out.push_back(Key::down);
                break;
            case 'p':
            case 'P':
                out.push_back(Key::pause);
                break;
            case 'y':
            case 'Y':
                out.push_back(Key::yes);
                break;
            case '?':
            case 'h':
                out.push_back(Key::help);
                break;
            default:
                out.push_back(Key::other);
        }
    }
    return out;
}

Wish press(Screen& screen, Key key) {
    const auto mode = std::exchange(screen.mode, Screen::Mode::table);
    if (key == Key::suspend) {
        screen.mode = mode;
        return Wish::suspend;
    }
    if (mode == Screen::Mode::help) return Wish::none;  // any key ends it
    if (mode == Screen::Mode::asking) {
        const auto* chosen = screen.chosen();
        if (key == Key::yes && chosen) return chosen->paused_by_operator ? Wish::resume : Wish::pause;
        screen.note = "nothing was changed";
        return Wish::none;
    }
    screen.note.clear();
    switch (key) {
        case Key::quit:
            return Wish::quit;
        case Key::up:
            move(screen, -1);
            break;
        case Key::down:
            move(screen, 1);
            break;
        case Key::help:
            screen.mode = Screen::Mode::help;
            break;
        case Key::pause:
            if (screen.chosen()) screen.mode = Screen::Mode::asking;
            break;
        case Key::yes:
        case Key::other:
        case Key::suspend:
            break;
    }
    return Wish::none;
}

}  // namespace halcyon::cli::top
