#include "state/errors.hpp"

#include <fmt/format.h>
#include <rocksdb/status.h>

namespace halcyon::state {

Error corrupted(std::string_view path, std::string_view what) {
    return {Verdict::fatal,
            Cause::corrupted,
            fmt::format(
                "the state in {} is damaged: {}. To rebuild it: stop halcyon, move the folder away, start. "
                "Receipts are then rebuilt from the points' _halcyon; nothing is embedded again",
                path, what),
            {}};
}

Error to_error(const rocksdb::Status& s, std::string_view doing, std::string_view path) {
    using rocksdb::Status;
    const auto text = s.ToString();
    const auto says = [&](std::string_view part) { return text.find(part) != text.npos; };
    const auto error = [&](Cause cause, std::string_view advice) {
        return Error{Verdict::fatal, cause, fmt::format("{} in {}: {}. {}", doing, path, text, advice), {}};
    };
    if (s.subcode() == Status::kNoSpace || s.subcode() == Status::kSpaceLimit ||
        says("No space left on device") || says("Disk quota exceeded"))
        return error(
            Cause::disk_full,
            "The disk is full: free some space and start halcyon again; nothing that was confirmed is lost");
    if (says("lock hold by") || says("While lock file") || says("lock is already held"))
        return error(Cause::conflict, "Another process uses this state folder");
    if (s.IsCorruption() || s.subcode() == Status::kPathNotFound || says("No such file or directory"))
        return corrupted(path, fmt::format("{}: {}", doing, text));
    if (says("Permission denied") || says("Read-only file system") || says("Operation not permitted"))
        return error(Cause::unauthorized,
                     "halcyon must be able to write there: check the owner of the folder, its "
                     "mode and how it is mounted");
    if (says("Too many open files"))
        return error(Cause::unavailable, "Raise the limit of open files, or lower state.max_open_files");
    if (s.IsIOError()) return error(Cause::unavailable, "Check the disk; a start replays what was lost");
    return error(Cause::internal, "This is a bug in halcyon");
}

}  // namespace halcyon::state
