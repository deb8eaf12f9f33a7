// A vector on its way to Qdrant.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

namespace halcyon {

/// The JSON array text "[0.1,-2e-3,...]" that is spliced into requests; floats exist only where mathematics
/// is done.
struct EncodedVector {
    std::string json;
    std::uint32_t dimension = 0;
};

/// Some kilobytes that a write which fails needs again: nobody copies them.
using SharedVector = std::shared_ptr<const EncodedVector>;
inline SharedVector share(EncodedVector vector) {
    return std::make_shared<const EncodedVector>(std::move(vector));
}

enum class Distance { cosine, dot, euclid, manhattan };

}  // namespace halcyon
