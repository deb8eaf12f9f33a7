#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "fuzz/fuzz.hpp"

namespace halcyon::fuzz {

std::string_view Input::take(std::size_t bytes) {
    const auto taken = rest_.substr(0, bytes);
    rest_.remove_prefix(taken.size());
    return taken;
}

std::uint8_t Input::byte() {
    const auto taken = take(1);
    return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken.front());
}

unsigned Input::choice(unsigned choices) { return static_cast<std::uint8_t>(byte() - '0') % choices; }

std::uint32_t Input::word() {
    std::uint32_t value = 0;
    for (unsigned shift = 0; shift < 32; shift += 8) value |= std::uint32_t{byte()} << shift;
    return value;
}

std::uint64_t Input::number() {
    const std::uint64_t low = word();
    return low | std::uint64_t{word()} << 32;
}

std::string_view Input::line() {
    const auto end = std::min(rest_.find('\n'), rest_.size());
    const auto taken = take(end);
    take(1);
    return taken;
}

void broken(const char* file, int line, const char* property) {
    std::fprintf(stderr, "%s:%d: this does not hold: %s\n", file, line, property);
    std::abort();
}

}  // namespace halcyon::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    halcyon::fuzz::run(halcyon::fuzz::Input({size == 0 ? "" : reinterpret_cast<const char*>(data), size}));
    return 0;
}
