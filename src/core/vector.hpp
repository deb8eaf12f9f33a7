// A vector on its way to Qdrant.
#pragma once

#include <cstdint>
#include <string>

namespace halcyon {

/// The JSON array text "[0.1,-2e-3,...]" that is spliced into requests; floats exist only where mathematics
/// is done.
struct EncodedVector {
    std::string json;
    std::uint32_t dimension = 0;
};

enum class Distance { cosine, dot, euclid, manhattan };

}  // namespace halcyon
