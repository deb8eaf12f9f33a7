// A file system that can run full, and a machine that can lose its power.
#pragma once

#include <rocksdb/env.h>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace halcyon::testing {

class FaultEnv final : public rocksdb::EnvWrapper {
  public:
    FaultEnv() : EnvWrapper(rocksdb::Env::Default()) {}
    const char* Name() const override { return "FaultEnv"; }

    /// What every write to a file answers from now on.
    void fail_writes(rocksdb::Status status) {
        const std::lock_guard lock(mutex_);
        failure_ = std::move(status);
    }
    int syncs() const {
        const std::lock_guard lock(mutex_);
        return syncs_;
    }
    /// Cuts every file back to what was synced. REQUIRES: nobody has them open.
    void power_loss() {
        const std::lock_guard lock(mutex_);
        for (const auto& [name, synced] : synced_)
            if (std::filesystem::exists(name) && std::filesystem::file_size(name) > synced)
                std::filesystem::resize_file(name, synced);
    }

    rocksdb::Status NewWritableFile(const std::string& name, std::unique_ptr<rocksdb::WritableFile>* file,
                                    const rocksdb::EnvOptions& options) override {
        if (auto s = failure(); !s.ok()) return s;
        auto s = EnvWrapper::NewWritableFile(name, file, options);
        if (s.ok()) {
            record(name, 0);
            *file = std::make_unique<File>(*this, name, std::move(*file));
        }
        return s;
    }
    rocksdb::Status RenameFile(const std::string& from, const std::string& to) override {
        auto s = EnvWrapper::RenameFile(from, to);
        const std::lock_guard lock(mutex_);
        if (auto node = synced_.extract(from); s.ok() && !node.empty()) {
            synced_.erase(to);
            node.key() = to;
            synced_.insert(std::move(node));
        }
        return s;
    }
    rocksdb::Status DeleteFile(const std::string& name) override {
        {
            const std::lock_guard lock(mutex_);
            synced_.erase(name);
        }
        return EnvWrapper::DeleteFile(name);
    }

  private:
    class File final : public rocksdb::WritableFileWrapper {
      public:
        File(FaultEnv& env, std::string name, std::unique_ptr<rocksdb::WritableFile> base)
            : WritableFileWrapper(base.get()), env_(env), name_(std::move(name)), base_(std::move(base)) {}
        rocksdb::Status Append(const rocksdb::Slice& data) override {
            if (auto s = env_.failure(); !s.ok()) return s;
            return WritableFileWrapper::Append(data);
        }
        rocksdb::Status Append(const rocksdb::Slice& data, const rocksdb::DataVerificationInfo&) override {
            return Append(data);
        }
        rocksdb::Status Sync() override { return noted(WritableFileWrapper::Sync()); }
        rocksdb::Status Fsync() override { return noted(WritableFileWrapper::Fsync()); }

      private:
        rocksdb::Status noted(rocksdb::Status s) {
            if (s.ok()) env_.synced(name_, GetFileSize());
            return s;
        }
        FaultEnv& env_;
        std::string name_;
        std::unique_ptr<rocksdb::WritableFile> base_;
    };

    rocksdb::Status failure() const {
        const std::lock_guard lock(mutex_);
        return failure_;
    }
    void record(const std::string& name, std::uint64_t size) {
        const std::lock_guard lock(mutex_);
        synced_[name] = size;
    }
    void synced(const std::string& name, std::uint64_t size) {
        record(name, size);
        const std::lock_guard lock(mutex_);
        if (name.ends_with(".log")) ++syncs_;
    }

    mutable std::mutex mutex_;
    rocksdb::Status failure_;
    std::map<std::string, std::uint64_t> synced_;
    int syncs_ = 0;
};

}  // namespace halcyon::testing
