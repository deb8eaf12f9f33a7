// What operators and observers ask of a running sidecar. Thread rule: the loop.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "async/task.hpp"
#include "base/result.hpp"
#include "core/overview.hpp"
#include "core/receipt.hpp"
#include "core/story.hpp"

namespace halcyon {

/// Reads; none of it holds anything up.
class StatusView {
  public:
    virtual ~StatusView() = default;
    virtual Overview overview() const = 0;
    /// What the source, the state, Qdrant and the stages say about one document now; what cannot be asked is
    /// part of the answer.
    virtual Task<Story> explain(DocumentKey key) = 0;
    /// Called for whatever happens to a document, as it happens, until it is replaced; nothing: nobody
    /// listens. It must be quick and must not throw.
    using Tail = std::function<void(const DocumentKey&, const PastEvent&)>;
    virtual void watch(Tail tail) = 0;
};

struct RetryRequest {
    bool force = false;  // written again even if nothing differs
    bool reset = false;  // its failed attempts are forgotten
};

/// Acts on single documents; each is durable when it returns.
class DocumentControl {
  public:
    virtual ~DocumentControl() = default;
    /// The documents are read from the source and tried again now, whatever is stored of them; dead letters
    /// become owed work. All of them or none. Errors: reject/not_found (no route), fatal (the state store).
    virtual Task<Result<>> retry(std::vector<ReceiptKey> keys, RetryRequest how) = 0;
    /// The next cycle of the retry worker begins now; nothing: of every collection.
    virtual void run_retries(const std::optional<CollectionName>& collection) = 0;
    virtual Task<Result<>> drop_dead_letter(ReceiptKey key) = 0;
};

/// Acts on the flow as a whole.
class FlowControl {
  public:
    virtual ~FlowControl() = default;
    /// Lets go on what guards hold.
    virtual void approve() = 0;
    /// What routes that are gone left behind is removed; returns how many of them left something.
    virtual std::size_t remove_orphans() = 0;
    /// Nothing is written into the collection until it is resumed, also after a restart; its changes become
    /// owed. Nothing: every collection. Yields those that it concerns, paused before or not. Errors:
    /// reject/not_found (no such collection), fatal (the state store).
    virtual Task<Result<std::vector<CollectionName>>> pause(std::optional<CollectionName> collection) = 0;
    virtual Task<Result<std::vector<CollectionName>>> resume(std::optional<CollectionName> collection) = 0;
};

}  // namespace halcyon
