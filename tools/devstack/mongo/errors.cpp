#include "devstack/mongo/errors.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace halcyon::devstack::mongo {

std::string code_name(int code) {
    static constexpr std::array<std::pair<int, std::string_view>, 45> names{{
        {1, "InternalError"},
        {2, "BadValue"},
        {9, "FailedToParse"},
        {11, "UserNotFound"},
        {13, "Unauthorized"},
        {14, "TypeMismatch"},
        {15, "Overflow"},
        {18, "AuthenticationFailed"},
        {20, "IllegalOperation"},
        {26, "NamespaceNotFound"},
        {27, "IndexNotFound"},
        {28, "PathNotViable"},
        {40, "ConflictingUpdateOperators"},
        {43, "CursorNotFound"},
        {48, "NamespaceExists"},
        {50, "MaxTimeMSExpired"},
        {52, "DollarPrefixedFieldName"},
        {54, "NotSingleValueField"},
        {59, "CommandNotFound"},
        {66, "ImmutableField"},
        {67, "CannotCreateIndex"},
        {72, "InvalidOptions"},
        {73, "InvalidNamespace"},
        {76, "NoReplicationEnabled"},
        {89, "NetworkTimeout"},
        {91, "ShutdownInProgress"},
        {112, "WriteConflict"},
        {115, "CommandNotSupported"},
        {136, "CappedPositionLost"},
        {168, "InvalidPipelineOperator"},
        {175, "QueryPlanKilled"},
        {189, "PrimarySteppedDown"},
        {211, "KeyNotFound"},
        {225, "TransactionTooOld"},
        {251, "NoSuchTransaction"},
        {256, "TransactionCommitted"},
        {260, "InvalidResumeToken"},
        {263, "OperationNotSupportedInTransaction"},
        {280, "ChangeStreamFatalError"},
        {286, "ChangeStreamHistoryLost"},
        {10107, "NotMaster"},
        {10334, "BSONObjectTooLarge"},
        {11000, "DuplicateKey"},
        {11600, "InterruptedAtShutdown"},
        {11602, "InterruptedDueToReplStateChange"},
    }};
    const auto* const it =
        std::find_if(names.begin(), names.end(), [&](const auto& each) { return each.first == code; });
    return it != names.end() ? std::string(it->second) : "Location" + std::to_string(code);
}

}  // namespace halcyon::devstack::mongo
