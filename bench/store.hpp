// A store in a temporary folder.
#pragma once

#include <stdlib.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>

#include "state/rocks_store.hpp"

namespace halcyon::bench {

/// A store in a folder that goes with it.
struct Store {
    Store() {
        auto pattern = (std::filesystem::temp_directory_path() / "halcyon-bench-XXXXXX").string();
        if (!::mkdtemp(pattern.data())) throw std::runtime_error("no temporary folder");
        folder = pattern;
        state::Options options;
        options.path = folder.string();
        store = std::move(state::RocksStore::open(options, writer, readers).value());
    }
    ~Store() {
        store.reset();
        std::filesystem::remove_all(folder);
    }

    template <class T>
    Result<T> run(Task<Result<T>> task) {
        std::optional<Result<T>> outcome;
        boost::asio::co_spawn(loop, keep(std::move(task), &outcome), [](const std::exception_ptr& thrown) {
            if (thrown) std::rethrow_exception(thrown);
        });
        loop.run();
        loop.restart();
        if (outcome->has_error()) throw std::runtime_error(describe(outcome->error()));
        return std::move(*outcome);
    }

    boost::asio::io_context loop{1};
    async::ThreadPool writer{1, "writer"};
    async::ThreadPool readers{2, "readers"};
    std::filesystem::path folder;
    std::unique_ptr<state::RocksStore> store;

  private:
    template <class T>
    static Task<> keep(Task<Result<T>> task, std::optional<Result<T>>* outcome) {
        outcome->emplace(co_await std::move(task));
    }
};

}  // namespace halcyon::bench
