#include "qdrant/pack.hpp"

#include <numeric>

namespace halcyon::qdrant {

namespace {

struct Packer {
    Ceiling ceiling;
    std::vector<std::vector<Part>> requests{};
    std::vector<Part> open{};
    std::size_t bytes = 0;
    std::size_t items = 0;

    bool fits(std::size_t more_bytes, std::size_t more_items) const {
        return bytes + more_bytes <= ceiling.bytes && items + more_items <= ceiling.items;
    }
    void close() {
        if (!open.empty()) requests.push_back(std::move(open));
        open.clear();
        bytes = items = 0;
    }
    void put(Part part, std::size_t part_bytes) {
        if (!open.empty() && open.back().operation == part.operation) {
            open.back().count += part.count;
        } else {
            open.push_back(part);
        }
        bytes += part_bytes;
        items += part.count;
    }
};

}  // namespace

std::vector<std::vector<Part>> pack(const std::vector<std::vector<std::size_t>>& sizes, Ceiling ceiling) {
    Packer packer{ceiling};
    for (std::size_t op = 0; op < sizes.size(); ++op) {
        const auto& own = sizes[op];
        if (own.empty()) continue;
        const auto all = std::accumulate(own.begin(), own.end(), std::size_t{0});
        if (!packer.fits(all, own.size())) packer.close();
        if (packer.fits(all, own.size())) {
            packer.put({op, 0, own.size()}, all);
            continue;
        }
        for (std::size_t i = 0; i < own.size(); ++i) {
            if (!packer.fits(own[i], 1)) packer.close();
            packer.put({op, i, 1}, own[i]);
        }
    }
    packer.close();
    return std::move(packer.requests);
}

}  // namespace halcyon::qdrant
