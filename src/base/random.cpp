#include "base/random.hpp"

#include <random>

namespace halcyon {

std::uint64_t entropy_seed() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32) | device();
}

}  // namespace halcyon
