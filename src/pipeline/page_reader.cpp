#include "pipeline/page_reader.hpp"

#include <utility>

namespace halcyon::pipeline {
namespace {

constexpr std::size_t points_a_page = 512;

}  // namespace

struct PageReader::Page {
    explicit Page(async::Executor executor) : read(std::move(executor)) {}
    std::optional<Result<ScrollPage>> page;
    async::Event read;
};

PageReader::PageReader(RunState& run, CollectionName name) : run_(run), name_(std::move(name)) {
    begin(std::nullopt);
}
PageReader::~PageReader() = default;

Task<> PageReader::read(RunState* run, CollectionName name, std::optional<std::string> from,
                        std::shared_ptr<Page> into) {
    const auto deadline = Deadline::in(run->ports.clock, run->options.read_timeout);
    into->page = co_await run->ports.sink.scroll(name, std::move(from), points_a_page, deadline);
    into->read.notify();
}

void PageReader::begin(std::optional<std::string> from) {
    coming_ = std::make_shared<Page>(run_.executor);
    run_.readers.spawn(read(&run_, name_, std::move(from), coming_));
}

Task<Result<std::optional<std::vector<HeldChunk>>>> PageReader::next() {
    const auto coming = std::exchange(coming_, nullptr);
    if (!coming) co_return std::nullopt;
    while (!coming->page) co_await coming->read.wait();
    HALCYON_CO_TRY(auto page, std::move(*coming->page));
    if (page.next) begin(std::move(page.next));
    co_return std::move(page.chunks);
}

}  // namespace halcyon::pipeline
