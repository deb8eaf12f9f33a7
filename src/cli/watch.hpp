// The same question again and again, for people and for programs.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "cli/question.hpp"

namespace halcyon::cli {

/// Waits that SIGINT and SIGTERM end, instead of ending the process, for as long as this lives.
class Interruptible {
  public:
    Interruptible();
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;
    /// False: a signal has come, also before the call.
    bool wait(std::chrono::milliseconds time);

  private:
    struct State;
    std::unique_ptr<State> state_;
};

using Ask = std::function<Answer()>;
using Shown = std::string (*)(const std::string& reply);

/// Asks with `ask` (which prints nothing) and shows what came: once, or as `target.watch` says. Watching goes
/// on when the sidecar is away for a while, and ends with any other failure; on a terminal the text is drawn
/// in place, elsewhere one follows the other, with --json one object a line.
Exit show(const Target& target, const Ask& ask, Shown shown);

/// What draws `text` over the frame before: no more lines than `height`, none longer than `width`. Pure.
std::string redrawn(const std::string& text, std::size_t width, std::size_t height);

}  // namespace halcyon::cli
