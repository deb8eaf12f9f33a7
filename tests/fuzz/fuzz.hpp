// What every fuzz target is made of: its input, and properties that must hold for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace halcyon::fuzz {

/// The bytes of one run, taken from the front. Behind the end everything is zero or empty.
class Input {
  public:
    explicit Input(std::string_view bytes) : rest_(bytes) {}

    std::string_view take(std::size_t bytes);
    std::uint8_t byte();
    /// One byte as a number below `choices`: the digit "0" is 0, so that seeds can be read.
    unsigned choice(unsigned choices);
    /// Little-endian.
    std::uint32_t word();
    std::uint64_t number();
    /// Up to the next line end, which is taken too.
    std::string_view line();
    std::string_view rest() { return take(rest_.size()); }
    bool empty() const { return rest_.empty(); }

  private:
    std::string_view rest_;
};

/// What tests/fuzz/<target>.cpp defines.
void run(Input input);

[[noreturn]] void broken(const char* file, int line, const char* property);

}  // namespace halcyon::fuzz

/// Ends the run with the property and its place, so that libFuzzer keeps the input.
#define HOLDS(...) ((__VA_ARGS__) ? void() : ::halcyon::fuzz::broken(__FILE__, __LINE__, #__VA_ARGS__))
