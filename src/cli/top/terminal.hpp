// The terminal as a canvas: alternate screen, no echo, no cursor.
#pragma once

#include <string_view>

namespace halcyon::cli::top {

/// Takes the terminal behind standard output and gives it back as it was, also when the process crashes. One
/// at a time. Thread rule: one thread.
class Terminal {
  public:
    Terminal();
    ~Terminal();
    Terminal(const Terminal&) = delete;
    Terminal& operator=(const Terminal&) = delete;

    /// Where keys come from: a file of our own, since its mode (non-blocking) must not be that of the
    /// shell's. -1: there is none.
    int keys() const { return keys_; }
    /// False: nobody is there any more.
    bool draw(std::string_view frame);
    /// Gives the terminal back, stops the process as Ctrl-Z does, and takes it again when it goes on.
    void suspend();

  private:
    void enter();
    int keys_ = -1;
};

}  // namespace halcyon::cli::top
