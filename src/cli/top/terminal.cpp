#include "cli/top/terminal.hpp"

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <string>

namespace halcyon::cli::top {
namespace {

constexpr std::string_view take = "\x1b[?1049h\x1b[?25l\x1b[2J";
constexpr std::string_view give_back = "\x1b[?25h\x1b[?1049l";
constexpr std::array deadly{SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};

// A signal handler can reach nothing else.
volatile std::sig_atomic_t taken = 0;
termios before{};

bool put(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = ::write(STDOUT_FILENO, bytes.data(), bytes.size());
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
}

/// Async-signal-safe.
void leave() {
    if (taken == 0) return;
    taken = 0;
    put(give_back);
    ::tcsetattr(STDOUT_FILENO, TCSANOW, &before);
}

void on_crash(int signal) {
    leave();
    ::raise(signal);  // SA_RESETHAND: the next one ends the process
}

void handle_crashes(void (*handler)(int)) {
    struct sigaction action{};
    action.sa_handler = handler;
    action.sa_flags = static_cast<int>(handler == SIG_DFL ? 0U : SA_RESETHAND);
    for (const int signal : deadly) ::sigaction(signal, &action, nullptr);
}

}  // namespace

Terminal::Terminal() : keys_(::open("/dev/tty", O_RDONLY | O_NONBLOCK | O_CLOEXEC)) {
    ::tcgetattr(STDOUT_FILENO, &before);
    handle_crashes(on_crash);
    enter();
}

Terminal::~Terminal() {
    leave();
    handle_crashes(SIG_DFL);
    if (keys_ >= 0) ::close(keys_);
}

void Terminal::enter() {
    auto raw = before;
    raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG | IEXTEN);
    raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    taken = 1;
    ::tcsetattr(STDOUT_FILENO, TCSANOW, &raw);
    put(take);
}

bool Terminal::draw(std::string_view frame) {
    // Each line is cleared before it is written: behind its last column that would take a character.
    std::string out = "\x1b[H\x1b[K";
    for (const char c : frame)
        if (c == '\n')
            out += "\r\n\x1b[K";
        else
            out += c;
    return put(out);
}

void Terminal::suspend() {
    leave();
    ::raise(SIGSTOP);
    enter();
}

}  // namespace halcyon::cli::top
