// WriterMarks in the collections' metadata.
#pragma once

#include <memory>

#include "core/ports/writer_marks.hpp"
#include "qdrant/collections.hpp"

namespace halcyon::qdrant {

/// Under a key of its own, since a PATCH replaces what it names: the epoch is noted by others.
class Marks final : public WriterMarks {
  public:
    Marks(std::shared_ptr<Api> api, std::shared_ptr<Collections> collections)
        : api_(std::move(api)), collections_(std::move(collections)) {}

    Task<Result<std::optional<WriterMark>>> read(CollectionName collection, Deadline deadline) override;
    Task<Result<>> write(CollectionName collection, WriterMark mark, Deadline deadline) override;

  private:
    std::shared_ptr<Api> api_;
    std::shared_ptr<Collections> collections_;
};

}  // namespace halcyon::qdrant
