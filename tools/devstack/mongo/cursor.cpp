#include "devstack/mongo/cursor.hpp"

#include <utility>

namespace halcyon::devstack::mongo {

void Cursor::fill(ArrayBuilder& batch, std::size_t limit) {
    while (batch.count() < limit) {
        std::string_view document;
        std::string held;
        if (!held_.empty()) {
            held = std::exchange(held_, {});
            document = held;
        } else {
            const Next got = next(document);
            exhausted_ = got == Next::closed;
            if (got != Next::document) return;
        }
        if (batch.count() > 0 && batch.size() + document.size() > max_document_bytes) {
            held_ = document;
            put_back();
            return;
        }
        batch.add(View(document));
        if (finished()) {
            exhausted_ = true;
            return;
        }
    }
}

}  // namespace halcyon::devstack::mongo
